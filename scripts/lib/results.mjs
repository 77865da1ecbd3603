/** Reads the report of vitest's JSON reporter. */

/**
 * @typedef {{ name: string, text: string }} Failure
 * @typedef {{ passed: number, failed: number, skipped: number, failures: Failure[] }} Tally
 */

/**
 * A file that could not be loaded counts as one failed test; so does a run that failed without naming a test.
 * @param {any} report the parsed report, or undefined if there is none
 * @param {number} code exit code of the run
 * @returns {Tally}
 */
export const tally = (report, code) => {
  const files = report?.testResults ?? []
  const tests = files.flatMap((file) => file.assertionResults)
  const count = (...states) => tests.filter((test) => states.includes(test.status)).length
  const failures = files.flatMap((file) => {
    const broken = file.assertionResults.filter((test) => test.status === 'failed')
    if (file.status === 'failed' && broken.length === 0) return [{ name: file.name, text: file.message ?? '' }]
    return broken.map((test) => ({ name: `${file.name} > ${test.fullName}`, text: test.failureMessages.join('\n') }))
  })
  if (failures.length === 0 && code !== 0) failures.push({ name: `the run ended with exit code ${code}`, text: '' })
  return { passed: count('passed'), failed: failures.length, skipped: count('pending', 'skipped', 'todo'), failures }
}

/** @param {{ passed: number, failed: number, skipped: number }} sum */
export const summary = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
