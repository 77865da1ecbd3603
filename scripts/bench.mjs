/**
 * `npm run bench`: what the parts cost, beside what others' cost, in one process.
 * Options: --only NAME[,NAME] (suites), --json (one document on stdout), --out FILE (the same, to a file),
 * --quick (tiny sizes, to see that it works), --no-peers (measure nobody else), --built (do not look whether the build
 * is fresh). It measures the built files. docs/performance.md has the last figures and says what they mean.
 */
import { writeFileSync } from 'node:fs'
import { arch, availableParallelism, cpus, platform } from 'node:os'
import { parseArgs } from 'node:util'
import { runSuite } from './bench/runner.mjs'
import { suiteTable } from './bench/table.mjs'
import { run } from './lib/run.mjs'
import { isBuilt } from './lib/workspace.mjs'

/** Every suite, in the order in which they run. A new one is a file and a line here. */
const SUITES = [
  'messages',
  'group',
  'storage',
  'search',
  'offers',
  'history',
  'bots',
  'delivery',
  'connections',
  'log',
  'send',
  'app',
]

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
    out: { type: 'string' },
    quick: { type: 'boolean', default: false },
    'no-peers': { type: 'boolean', default: false },
    built: { type: 'boolean', default: false },
  },
})

const names = values.only === undefined ? SUITES : values.only.split(',')
const unknown = names.filter((name) => !SUITES.includes(name))
if (unknown.length > 0) throw new Error(`No suite ${unknown.join(', ')}; there is ${SUITES.join(', ')}.`)

if (!values.built && !isBuilt()) {
  process.stderr.write('Building first…\n')
  const { code, output } = await run(['pnpm', '-r', 'run', 'build'])
  if (code !== 0) throw new Error(output)
}

const options = { size: values.quick ? 'quick' : 'full', peers: !values['no-peers'] }
const report = {
  format: 1,
  at: new Date().toISOString(),
  size: options.size,
  machine: {
    node: process.version,
    platform: platform(),
    arch: arch(),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
  },
  suites: [],
}

const { node, cpu, cores } = report.machine
if (!values.json) process.stdout.write(`Node ${node}, ${cpu}, ${cores} cores\n\n`)
for (const name of names) {
  process.stderr.write(`${name}: measuring…\n`)
  const { suite } = await import(`./bench/suites/${name}.mjs`)
  const result = await runSuite(suite, options)
  report.suites.push(result)
  if (!values.json) process.stdout.write(`${suiteTable(result)}\n`)
  else for (const { peer, why } of result.skipped) process.stderr.write(`${peer}: skipped, ${why}\n`)
}

const json = `${JSON.stringify(report, undefined, 2)}\n`
if (values.json) process.stdout.write(json)
if (values.out !== undefined) writeFileSync(values.out, json)
