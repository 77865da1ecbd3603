import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import type { Ended, Running, StartOptions } from './cli.ts'
import { dchat, start } from './cli.ts'
import { within } from './within.ts'

export interface Network {
  /** `ws://…` of a relay in a process of its own. */
  readonly relay: string
  readonly root: string
  home(name: string): string
  run(name: string, ...argv: string[]): Promise<Ended>
  runWith(options: StartOptions, name: string, ...argv: string[]): Promise<Ended>
  start(name: string, ...argv: string[]): Running
  /** `init` with the relay; the address and the invite link. */
  init(name: string, ...argv: string[]): Promise<{ address: string; link: string }>
  /** Everyone who was initialised knows everyone else by name. */
  introduce(...names: string[]): Promise<void>
}

/** A relay that a test runs itself. */
interface OwnRelay {
  readonly url: string
  close(): Promise<void>
}

export interface NetworkOptions {
  /** A relay that the test runs itself. Default: a process. */
  readonly serve?: () => Promise<OwnRelay>
  /**
   * Commands run in processes of their own (default), or in this one: `start` begins a process always, and `init` and
   * `introduce` never do.
   */
  readonly commands?: 'processes' | 'within'
}

/** One relay and any number of people for a test file. */
export const network = ({ serve, commands = 'processes' }: NetworkOptions = {}): Network => {
  let root = ''
  let url = ''
  let relay: Running | undefined
  let own: OwnRelay | undefined
  const running = new Set<Running>()
  const links = new Map<string, string>()
  const home = (name: string): string => join(root, name)

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'dchat-net-'))
    own = await serve?.()
    if (own !== undefined) {
      url = own.url
      return
    }
    relay = start(home('relay'), ['relay', 'serve', '--port', '0', '--json'])
    url = JSON.parse((await relay.line()) ?? '{}').url
  })
  afterAll(async () => {
    for (const { child } of running) child.kill('SIGKILL')
    relay?.child.kill('SIGTERM')
    await Promise.all([...running, ...(relay ? [relay] : [])].map(({ ended }) => ended))
    await own?.close()
    await rm(root, { recursive: true, force: true })
  })

  const ended = commands === 'within' ? within : dchat
  const run: Network['run'] = (name, ...argv) => ended(home(name), argv)
  return {
    get relay() {
      return url
    },
    get root() {
      return root
    },
    home,
    run,
    runWith: (options, name, ...argv) => ended(home(name), argv, options),
    start: (name, ...argv) => {
      const process = start(home(name), argv)
      running.add(process)
      void process.ended.then(() => running.delete(process))
      return process
    },
    init: async (name, ...argv) => {
      const made = await within(home(name), ['init', '--relay', url, '--json', ...argv])
      if (made.code !== 0) throw new Error(made.err)
      const invited = await within(home(name), ['invite', '--json'])
      if (invited.code !== 0) throw new Error(invited.err)
      const { link } = JSON.parse(invited.out).data
      links.set(name, link)
      return { address: JSON.parse(made.out).data.address, link }
    },
    introduce: async (...names) => {
      for (const name of names)
        for (const other of names.filter((each) => each !== name)) {
          const added = await within(home(name), ['contacts', 'add', links.get(other) ?? '', '--as', other])
          if (added.code !== 0) throw new Error(added.err)
        }
    },
  }
}
