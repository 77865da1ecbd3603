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
