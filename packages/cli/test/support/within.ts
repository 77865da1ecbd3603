import { setMaxListeners } from 'node:events'
import { homedir, tmpdir } from 'node:os'
import { Readable, Writable } from 'node:stream'
import { run } from '../../src/run.ts'
import type { Ended, StartOptions } from './cli.ts'

/**
 * The program, run to its end in this process: its own starts in no time, a process takes longer to start than most
 * commands to run. What is about processes, signals and kills is tested with `start`.
 */
export const within = async (
  home: string,
  argv: readonly string[],
  { input = '', env }: Pick<StartOptions, 'input' | 'env'> = {},
): Promise<Ended> => {
  const told = { out: '', err: '' }
  const writing = (where: keyof typeof told) =>
    new Writable({
      decodeStrings: false,
      write: (chunk: string | Buffer, _, done) => {
        told[where] += chunk.toString()
        done()
      },
    })
  const { signal } = new AbortController()
  setMaxListeners(0, signal)
  const code = await run({
    argv,
    env: { PATH: process.env.PATH, DCHAT_HOME: home, TZ: 'UTC', ...env },
    platform: process.platform,
    home: homedir(),
    temporary: tmpdir(),
    uid: process.getuid?.(),
    stdin: Readable.from([Buffer.from(input)]),
    stdout: writing('out'),
    stderr: writing('err'),
    signal,
  })
  return { code, signal: null, ...told }
}
