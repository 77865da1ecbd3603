import { setMaxListeners } from 'node:events'
import { homedir, tmpdir } from 'node:os'
import { LONGEST } from './io/duration.ts'
import { Stopped } from './io/stop.ts'
import { run } from './run.ts'

const isBrokenPipe = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED')

/** Runs the program on the real process. It never calls `process.exit`: everything closes and the loop empties. */
export const main = async (): Promise<void> => {
  const stop = new AbortController()
  // Every call under way listens to it.
  setMaxListeners(0, stop.signal)
  // Taken off after the first, so that a second signal ends the process at once.
  const stopBy = (name: 'SIGINT' | 'SIGTERM', exit: 130 | 143): void => {
    process.once(name, () => stop.abort(new Stopped(exit)))
  }
  stopBy('SIGINT', 130)
  stopBy('SIGTERM', 143)
  process.stdout.on('error', (error) => {
    stop.abort(isBrokenPipe(error) ? new Stopped(0) : error)
  })
  // Nobody is left to be told.
  process.stderr.on('error', () => {})
  // Waiting for a relay that is away holds nothing open by itself.
  const alive = setInterval(() => {}, LONGEST)
  const code = await run({
    argv: process.argv.slice(2),
    env: process.env,
    platform: process.platform,
    home: homedir(),
    temporary: tmpdir(),
    uid: process.getuid?.(),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    signal: stop.signal,
  })
  clearInterval(alive)
  process.exitCode = code
}
