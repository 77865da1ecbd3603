/**
 * The demonstration behind `npm start`: a relay on loopback, a guide that answers, one message there and back, and what
 * the relay saw of it. Then it stays up for other terminals. It never calls `process.exit`: everything closes and the
 * event loop empties.
 */
import { ERRORS, isDchatError } from '../packages/sdk/dist/errors.js'
import { demonstrate } from './demo/demonstrate.mjs'
import { readOptions, USAGE } from './demo/options.mjs'
import { stopOn } from './demo/stop.mjs'

/** The longest time that Node's timers can wait, in ms. */
const LONGEST = 2 ** 31 - 1

const { signal } = stopOn(process)
// Waiting for an answer holds nothing open by itself.
const alive = setInterval(() => {}, LONGEST)
try {
  const options = readOptions(process.argv.slice(2))
  if (options.help) process.stdout.write(USAGE)
  else await demonstrate(options, signal)
} catch (error) {
  // Whatever broke because the program was told to stop is not a failure.
  if (!signal.aborted) {
    const known = isDchatError(error)
    process.stderr.write(known ? `${error.message}\n${error.hint}\n` : `${error.stack}\n`)
    process.exitCode = known ? ERRORS[error.code].exit : 1
  }
} finally {
  clearInterval(alive)
  if (signal.aborted) process.exitCode = signal.reason.exit
}
