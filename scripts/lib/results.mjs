/**
 * What a run told while it went on (test-events.mjs).
 * @param {string} events a JSON object a line
 * @returns {{ testResults: any[], unfinished: string[], running: string[] }} the files that ended, in the order in which
 * they did; the paths of those that did not; the names of the tests that had begun and not ended
 */
export const reportOf = (events) => {
  const files = new Map()
  const running = new Map()
  const planned = []
  for (const event of events
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))) {
    if (event.planned) planned.push(...event.planned)
    else if (event.began) running.set(event.began, event.name)
    else if (event.ended) running.delete(event.ended)
    else files.set(event.file.name, event.file)
  }
  const unfinished = [...new Set(planned)].filter((name) => !files.has(name))
  return { testResults: [...files.values()], unfinished, running: [...running.values()] }
}

/**
 * Counts what a report holds. A file that could not be loaded or never ended counts as one failed test; so does a run
 * that failed without naming a test.
 * @param {any} report what `reportOf` gave, or undefined if there is none
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
  const failed = count('failed') + broken.length + (report?.unfinished?.length ?? 0)
  return {
    passed: count('passed'),
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: count('pending', 'skipped', 'todo'),
  }
}

/** @param {{ passed: number, failed: number, skipped: number }} sum */
export const summary = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`

/**
 * A line for each test that failed, and for each file that failed around its tests or never ended.
 * @param {any} report what `reportOf` gave, or undefined if there is none
 * @returns {readonly string[]} `path > name: what it said first`
 */
export const failures = (report) => [
  ...filesOf(report).flatMap((file) => [
    ...file.assertionResults
      .filter(({ status }) => status === 'failed')
      .map(({ name, message }) => `${file.name} > ${name}: ${message}`),
    ...(file.message === undefined ? [] : [`${file.name}: ${file.message}`]),
  ]),
  ...(report?.unfinished ?? []).map((name) => `${name}: never ended`),
]

const filesOf = (report) => report?.testResults ?? []

/** More files than this are no accident, and would take too long once more. */
const MANY = 8

/**
 * The files that failed or never ended, if running them again can tell more: not many failed.
 * @param {any} report what `reportOf` gave, or undefined if there is none
 * @returns {readonly string[]} absolute paths; none if all is well, or too much failed
 */
export const failing = (report) => {
  const failed = filesOf(report).filter((file) => file.status === 'failed')
  return failed.length > MANY ? [] : [...failed.map(({ name }) => name), ...(report?.unfinished ?? [])]
}

/**
 * A report in which the files of a second one take the place of their first results.
 * @param {any} first
 * @param {any} second of the files that failed or did not end the first time
 */
export const merged = (first, second) => {
  const files = new Map([...filesOf(first), ...filesOf(second)].map((file) => [file.name, file]))
  const unfinished = (first?.unfinished ?? []).filter((name) => !files.has(name))
  return { testResults: [...files.values()], unfinished, running: second?.running ?? [] }
}
