/**
 * The whole proof of the workspace, by one command (`npm test`): install, build, lint, types, every test.
 * It goes on after a failing step, so that one run shows everything, and its last line is the sum.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { findChromium, NO_CHROMIUM } from './lib/chromium.mjs'
import { failing, failures, merged, reportOf, summary, tally } from './lib/results.mjs'
import { root, run } from './lib/run.mjs'
import { TEST_EVENTS } from './lib/test-events.mjs'
import { packages } from './lib/workspace.mjs'

const sum = { passed: 0, failed: 0, skipped: 0 }
let tests = 0
let runs = 0
const unsteady = []
/** What failed said, whole. It stands behind all results: whoever reads the beginning alone sees each of them. */
const details = []
/** A package with this file has tests that run in a page. */
const IN_BROWSER = 'vitest.browser.config.ts'
const REPORTER = join(root, 'scripts', 'lib', 'test-events.mjs')
/** Longer than any test lasts on a machine that still moves. */
const SILENCE_MS = 8 * 60_000
const scratch = mkdtempSync(join(tmpdir(), 'dchat-verify-'))
// CI: pnpm never asks, vitest writes no snapshots and refuses `.only`.
const env = { CI: '1', NO_COLOR: '1', FORCE_COLOR: '0' }

const say = (line) => process.stdout.write(`${line}\n`)
const inSeconds = (ms) => `${(ms / 1000).toFixed(1)} s`
const indent = (text) => text.trimEnd().replace(/^/gm, '    ')

/** A check is one command that must end with exit code 0; its output is shown at the end, if it does not. */
const check = async (name, command) => {
  const since = Date.now()
  const { code, output } = await run(command, { env })
  const good = code === 0
  sum[good ? 'passed' : 'failed'] += 1
  say(`== ${name}: ${good ? 'ok' : 'FAILED'} (${inSeconds(Date.now() - since)})`)
  if (!good) details.push({ name, output })
  return good
}

/**
 * One run of vitest, all files of a folder or some of them. One in which no test begins or ends for too long is stuck and
 * is killed: what it told until then counts.
 */
const vitest = async (folder, config, files = []) => {
  const events = join(scratch, `${runs++}.jsonl`)
  writeFileSync(events, '')
  const command = [
    'pnpm',
    'exec',
    'vitest',
    'run',
    ...files,
    '--root',
    folder,
    '--reporter=dot',
    `--reporter=${REPORTER}`,
  ]
  if (config !== undefined) command.push('--config', config)
  const stuck = new AbortController()
  const watch = setInterval(() => {
    if (Date.now() - statSync(events).mtimeMs > SILENCE_MS) stuck.abort()
  }, 5_000)
  const { code, output } = await run(command, { env: { ...env, [TEST_EVENTS]: events }, until: stuck.signal })
  clearInterval(watch)
  return { code, output, report: reportOf(readFileSync(events, 'utf8')), stuck: stuck.signal.aborted }
}

/** What a run said, and where it stood if it was stuck. */
const told = ({ output, report, stuck }) => {
  if (!stuck) return output
  const tests = report.running.map((name) => `stuck in: ${name}`)
  const others = report.unfinished.map((file) => `not ended: ${relative(root, file)}`)
  return [`killed: no test began or ended for ${SILENCE_MS / 60_000} min`, ...tests, ...others, output].join('\n')
}

/** One suite; `config` names another vitest configuration than the folder's usual one, `note` stands beside the result. */
const runSuite = async ({ name, folder, config, note = '' }) => {
  const since = Date.now()
  const first = await vitest(folder, config)
  return { name, folder, config, note, first, failed: failing(first.report), ms: Date.now() - since }
}

/** What came of a suite. Files that failed have been run a second time, or there were none. */
const tell = ({ name, note, first, failed, ms }, second) => {
  const result =
    second === undefined ? tally(first.report, first.code) : tally(merged(first.report, second.report), second.code)
  for (const key of ['passed', 'failed', 'skipped']) sum[key] += result[key]
  tests += result.passed + result.failed
  say(`== tests of ${name}: ${summary(result)}${note} (${inSeconds(ms)})`)
  const steady = result.failed === 0 && second === undefined
  if (steady) return
  details.push({ name, output: told(first) })
  if (second !== undefined) details.push({ name: `${name}, run again`, output: told(second) })
  const kind = result.failed === 0 ? 'unsteady' : 'failed'
  for (const line of failures(first.report)) say(indent(`${kind}: ${line.replaceAll(`${root}/`, '')}`))
  if (result.failed > 0)
    for (const line of failures(second?.report)) say(indent(`failed again: ${line.replaceAll(`${root}/`, '')}`))
  else unsteady.push(...failed.map((file) => relative(root, file)))
}

/**
 * Runs once more, with nothing beside them, the files that failed or never ended. Those that pass then count, and are told
 * as unsteady.
 */
const runAgain = async (one) => {
  const since = Date.now()
  const second = await vitest(one.folder, one.config, one.failed)
  tell({ ...one, ms: one.ms + Date.now() - since }, second)
}

const lint = [
  () => check('lint (promises)', ['pnpm', 'exec', 'oxlint', '--type-aware', '--deny-warnings']),
  () => check('lint (biome)', ['pnpm', 'exec', 'biome', 'check', '--error-on-warnings', '.']),
]

const types = () => [
  ...packages()
    .filter(({ manifest }) => manifest.scripts?.types)
    .map(
      ({ folder, manifest }) =>
        () =>
          check(`types of ${manifest.name}`, ['pnpm', '--dir', folder, 'run', 'types']),
    ),
  () => check('types of the examples', ['pnpm', 'exec', 'tsc', '-p', 'examples/tsconfig.json']),
  () => check('types of the workspace tests', ['pnpm', 'exec', 'tsc', '-p', 'test/tsconfig.json']),
]

/** These begin first: a long suite that begins last has nothing beside it. */
const LONGEST = ['@dchat/sdk', 'the workspace', '@dchat/cli', '@dchat/desktop', '@dchat/sdk in Chromium']

const suites = () => {
  const tested = packages().filter(({ manifest }) => manifest.scripts?.test)
  const inPages = tested.filter(({ folder }) => existsSync(join(folder, IN_BROWSER)))
  const note = findChromium() === undefined ? `: ${NO_CHROMIUM}` : ''
  const own = ({ folder, manifest }) => ({ name: manifest.name, folder: relative(root, folder) })
  const inPage = (one) => ({ ...own(one), name: `${one.manifest.name} in Chromium`, config: IN_BROWSER, note })
  const all = [...tested.map(own), ...inPages.map(inPage), { name: 'the workspace', folder: 'test' }]
  const rank = ({ name }) => (LONGEST.includes(name) ? LONGEST.indexOf(name) : LONGEST.length)
  return all.sort((one, two) => rank(one) - rank(two))
}

const twoAtATime = async (works) => {
  const left = [...works]
  const next = async () => {
    for (let work = left.shift(); work !== undefined; work = left.shift()) await work()
  }
  await Promise.all([next(), next()])
}

try {
  const ready =
    (await check('install', ['pnpm', 'install', '--frozen-lockfile'])) &&
    (await check('build', ['pnpm', '-r', 'run', 'build']))
  if (ready || existsSync(join(root, 'node_modules'))) {
    await twoAtATime([...lint, ...types()])
    // The SDK's tests compute all the time, those of the programs beside them wait half of theirs.
    const again = []
    const first = async (suite) => {
      const one = await runSuite(suite)
      if (one.failed.length === 0) tell(one)
      else again.push(one)
    }
    await twoAtATime(suites().map((suite) => () => first(suite)))
    for (const one of again) await runAgain(one)
  }
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

for (const { name, output } of details) say(`\n-- ${name} said:\n${indent(output)}`)
if (tests === 0) {
  say('No test ran.')
  sum.failed += 1
}
for (const file of unsteady) say(`unsteady: ${file}`)
say(summary(sum))
process.exitCode = sum.failed > 0 ? 1 : 0
