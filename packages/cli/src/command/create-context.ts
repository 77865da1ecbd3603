import { statSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { DchatError } from '@dchat/sdk/errors'
import type { Config } from '../config/config.ts'
import { readConfig } from '../config/config.ts'
import type { Profile } from '../config/profile.ts'
import { parseProfile } from '../config/profile.ts'
import type { Environment, Host } from '../host.ts'
import type { Output } from '../io/output.ts'
import { directories } from '../io/paths.ts'
import { readPassphrase } from '../io/secrets.ts'
import { openSession } from '../session/open-session.ts'
import type { Session } from '../session/session.ts'
import type { Context } from './context.ts'
import type { Globals } from './globals.ts'

const set = (value: string | undefined): string | undefined => (value === '' ? undefined : value)

const relaysOfEnvironment = (env: Environment): readonly string[] =>
  (env.DCHAT_RELAY ?? '').split(/[\s,]+/).filter((relay) => relay !== '')

const isDirectory = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

const TERMINAL = 'the terminal'

/** Runs once, also when it is asked for several times. */
const lazy = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}

export interface OpenContext extends Context {
  close(): Promise<void>
}

/** Flags, then environment, then configuration file: this is the one place that decides. */
export const createContext = (host: Host, globals: Globals, out: Output): OpenContext => {
  const { env } = host
  const places = directories({ ...host, isDirectory })
  const config = lazy<Config>(() => readConfig(places.config))
  let stdinUse: string | undefined
  let session: Session | undefined

  const profile = lazy<Profile>(async () => {
    const named = globals.profile ?? set(env.DCHAT_PROFILE) ?? (await config()).profile ?? 'default'
    return parseProfile(named, places)
  })
  const relays = lazy(async () => {
    if (globals.relay.length > 0) return globals.relay
    const given = relaysOfEnvironment(env)
    return given.length > 0 ? given : ((await config()).profiles[(await profile()).name]?.relays ?? [])
  })
  const stdin: Context['stdin'] = (purpose) => {
    // A person may be asked several things, one after the other.
    if (stdinUse !== undefined && (purpose !== TERMINAL || stdinUse !== TERMINAL))
      throw new DchatError('usage/invalid-argument', { name: purpose, reason: `stdin is read already, by ${stdinUse}` })
    stdinUse = purpose
    // Reading ends when the program is told to stop.
    const stop = (): void =>
      void host.stdin.destroy(host.signal.reason instanceof Error ? host.signal.reason : undefined)
    if (host.signal.aborted) stop()
    host.signal.addEventListener('abort', stop, { once: true })
    return host.stdin
  }
  const passphrase = lazy(() =>
    readPassphrase({ file: globals['passphrase-file'], fd: globals['passphrase-fd'] }, env, () =>
      stdin('--passphrase-file'),
    ),
  )
  const context: OpenContext = {
    host,
    globals,
    directories: places,
    out,
    signal: host.signal,
    profile,
    relays,
    passphrase,
    stdin,
    session: lazy(async () => {
      const mine = await profile()
      if (!(await stat(mine.directory).catch(() => undefined))?.isDirectory())
        throw new DchatError('identity/none', { profile: mine.name })
      session = openSession(context, mine)
      return session
    }),
    close: async () => session?.close(),
  }
  return context
}
