/**
 * `npm run soak`: the kill -9 test (packages/cli/test/process/kill-minus-nine.test.ts) with many seeds and more kills.
 * Options: --seeds N (default 20), --from SEED (default: of the clock), --lines N (1000), --kills N of each part (8).
 */
import { parseArgs } from 'node:util'
import { run } from './lib/run.mjs'
import { isBuilt } from './lib/workspace.mjs'

const TEST = 'test/process/kill-minus-nine.test.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    from: { type: 'string', default: String(Date.now() % 1_000_000) },
    lines: { type: 'string', default: '1000' },
    kills: { type: 'string', default: '8' },
  },
})

const say = (line) => process.stdout.write(`${line}\n`)

if (!isBuilt()) {
  const { code, output } = await run(['pnpm', '-r', 'run', 'build'])
  if (code !== 0) throw new Error(output)
}

let failed = 0
const first = Number(values.from)
const last = first + Number(values.seeds) - 1
for (let seed = first; seed <= last; seed += 1) {
  const since = Date.now()
  const { code, output } = await run(['pnpm', 'exec', 'vitest', 'run', '--root', 'packages/cli', TEST], {
    env: {
      NO_COLOR: '1',
      DCHAT_KILL_SEED: String(seed),
      DCHAT_KILL_LINES: values.lines,
      DCHAT_KILL_COUNT: values.kills,
    },
  })
  if (code !== 0) {
    failed += 1
    say(output)
  }
  say(`seed ${seed}: ${code === 0 ? 'ok' : 'FAILED'} (${((Date.now() - since) / 1000).toFixed(1)} s)`)
}
say(`${last - first + 1 - failed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
