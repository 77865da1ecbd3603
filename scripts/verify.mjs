/**
 * The whole proof of the workspace, by one command (`npm test`): install, build, lint, types, every test.
 * It goes on after a failing step, so that one run shows everything, and its last line is the sum.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { findChromium, NO_CHROMIUM } from './lib/chromium.mjs'
import { summary, tally } from './lib/results.mjs'
import { root, run } from './lib/run.mjs'
import { packages } from './lib/workspace.mjs'

const sum = { passed: 0, failed: 0, skipped: 0 }
let tests = 0
/** A package with this file has tests that run in a page. */
const IN_BROWSER = 'vitest.browser.config.ts'
const scratch = mkdtempSync(join(tmpdir(), 'dchat-verify-'))
// CI: pnpm never asks, vitest writes no snapshots and refuses `.only`.
const env = { CI: '1', NO_COLOR: '1', FORCE_COLOR: '0' }

const say = (line) => process.stdout.write(`${line}\n`)
const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`
const indent = (text) => text.trimEnd().replace(/^/gm, '    ')

/** A check is one command that must end with exit code 0; its output is shown only if it does not. */
const check = async (name, command) => {
  const since = Date.now()
  const { code, output } = await run(command, { env })
  const good = code === 0
  sum[good ? 'passed' : 'failed'] += 1
  say(`== ${name}: ${good ? 'ok' : 'FAILED'} (${seconds(since)})`)
  if (!good) say(indent(output))
  return good
}

/** `config` names another vitest configuration than the folder's usual one; `note` stands beside the result. */
const suite = async (name, folder, { config, note = '' } = {}) => {
  const since = Date.now()
  const file = join(scratch, `${name.replace(/\W/g, '-')}.json`)
  const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${file}`]
  const command = ['pnpm', 'exec', 'vitest', 'run', '--root', folder, ...reporters]
  if (config !== undefined) command.push('--config', config)
  const { code, output } = await run(command, { env })
  const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
  const result = tally(report, code)
  for (const key of ['passed', 'failed', 'skipped']) sum[key] += result[key]
  tests += result.passed + result.failed
  say(`== tests of ${name}: ${summary(result)}${note} (${seconds(since)})`)
  if (result.failed > 0) say(indent(output))
}

try {
  const ready =
    (await check('install', ['pnpm', 'install', '--frozen-lockfile'])) &&
    (await check('build', ['pnpm', '-r', 'run', 'build']))
  if (ready || existsSync(join(root, 'node_modules'))) {
    await check('lint (biome)', ['pnpm', 'exec', 'biome', 'check', '--error-on-warnings', '.'])
    await check('lint (promises)', ['pnpm', 'exec', 'eslint', '.', '--max-warnings', '0'])
    for (const { folder, manifest } of packages())
      if (manifest.scripts?.types) await check(`types of ${manifest.name}`, ['pnpm', '--dir', folder, 'run', 'types'])
    await check('types of the workspace tests', ['pnpm', 'exec', 'tsc', '-p', 'test/tsconfig.json'])
    for (const { folder, manifest } of packages())
      if (manifest.scripts?.test) await suite(manifest.name, relative(root, folder))
    const note = findChromium() === undefined ? `: ${NO_CHROMIUM}` : ''
    for (const { folder, manifest } of packages())
      if (existsSync(join(folder, IN_BROWSER)))
        await suite(`${manifest.name} in Chromium`, relative(root, folder), { config: IN_BROWSER, note })
    await suite('the workspace', 'test')
  }
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

if (tests === 0) {
  say('No test ran.')
  sum.failed += 1
}
say(summary(sum))
process.exitCode = sum.failed > 0 ? 1 : 0
