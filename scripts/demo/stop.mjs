import { setMaxListeners } from 'node:events'

/** Why the program ends early, with the exit code that tells it. */
class Stopped extends Error {
  name = 'AbortError'

  constructor(exit) {
    super('stopped')
    this.exit = exit
  }
}

/**
 * Aborts at Ctrl-C (130), at SIGTERM (143), and when the reader of stdout goes away (0).
 * The package managers on the way pass a Ctrl-C on that the terminal has sent already, so a signal is not taken off after
 * its first time.
 * @param {NodeJS.Process} program
 */
export const stopOn = (program) => {
  const stop = new AbortController()
  // Every call under way listens to it.
  setMaxListeners(0, stop.signal)
  program.on('SIGINT', () => stop.abort(new Stopped(130)))
  program.on('SIGTERM', () => stop.abort(new Stopped(143)))
  program.stdout.on('error', () => stop.abort(new Stopped(0)))
  // Nobody is left to be told.
  program.stderr.on('error', () => {})
  return stop
}
