/**
 * Counts what a report of vitest's JSON reporter holds. A file that could not be loaded counts as one failed test; so
 * does a run that failed without naming a test.
 * @param {any} report the parsed report, or undefined if there is none
 * @param {number} code exit code of the run
 * @returns {{ passed: number, failed: number, skipped: number }}
 */
export const tally = (report, code) => {
  const files = report?.testResults ?? []
  const tests = files.flatMap((file) => file.assertionResults)
  const count = (...states) => tests.filter((test) => states.includes(test.status)).length
  const broken = files.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  )
  const failed = count('failed') + broken.length
  return {
    passed: count('passed'),
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: count('pending', 'skipped', 'todo'),
  }
}

/** @param {{ passed: number, failed: number, skipped: number }} sum */
export const summary = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`

const filesOf = (report) => report?.testResults ?? []

/**
 * The files that failed, if running them again can tell more: a few, in a run that got to its end.
 * @param {any} report the parsed report, or undefined if there is none
 * @returns {readonly string[]} absolute paths; none if nothing failed, or too much
 */
export const failing = (report) => {
  const failed = filesOf(report).filter((file) => file.status === 'failed')
  return failed.length > 3 ? [] : failed.map(({ name }) => name)
}

/**
 * A report in which the files of a second one take the place of their first results.
 * @param {any} first
 * @param {any} second of the files that failed the first time
 */
export const merged = (first, second) => {
  const again = new Map(filesOf(second).map((file) => [file.name, file]))
  return { testResults: filesOf(first).map((file) => again.get(file.name) ?? file) }
}
