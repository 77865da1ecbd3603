import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../../bin/dchat.js', import.meta.url))
/** The relay's own program. */
export const RELAY_BIN = fileURLToPath(new URL('../../../relay/bin/dchat-relay.js', import.meta.url))
const BUILT = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly out: string
  readonly err: string
}

export interface Running {
  readonly child: ChildProcessWithoutNullStreams
  /** The next line of stdout; undefined at its end. */
  line(): Promise<string | undefined>
  readonly ended: Promise<Ended>
}

export interface StartOptions {
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
  /** The folder in which it runs. Default: that of the tests. */
  readonly cwd?: string
  /** Another program than `dchat`. */
  readonly bin?: string
}

/** The built program in a process of its own, with nothing of this one's environment but the path. */
export const start = (
  home: string,
  argv: readonly string[],
  { input, env, cwd, bin = BIN }: StartOptions = {},
): Running => {
  if (!existsSync(BUILT)) throw new Error('These tests run the built program: build the packages first.')
  const child = spawn(process.execPath, [bin, ...argv], {
    env: { PATH: process.env.PATH, DCHAT_HOME: home, TZ: 'UTC', ...env },
    stdio: 'pipe',
    ...(cwd !== undefined && { cwd }),
  })
  let out = ''
  let err = ''
  let taken = 0
  let closed = false
  let wake = (): void => {}
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk
    wake()
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    err += chunk
  })
  child.stdin.on('error', () => {})
  if (input !== undefined) child.stdin.end(input)
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => {
      closed = true
      wake()
      resolve({ code, signal, out, err })
    })
  })
  const line = async (): Promise<string | undefined> => {
    for (;;) {
      const end = out.indexOf('\n', taken)
      if (end !== -1) {
        const text = out.slice(taken, end)
        taken = end + 1
        return text
      }
      if (closed) return undefined
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  return { child, line, ended }
}

export const dchat = (home: string, argv: readonly string[], options: StartOptions = {}): Promise<Ended> =>
  start(home, argv, { input: '', ...options }).ended

export const jsonLines = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
