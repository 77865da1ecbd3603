/**
 * `npm run soak`: the tests that stop at nothing, with many seeds and more of everything than `npm test` has time for.
 * Options: --only PART (may be repeated; default: all), --seeds N, --from SEED (default: of the clock), --lines N,
 * --kills N, --schedules N (default 1,000), --shrink SECONDS (for making a failing schedule smaller). Without them each
 * part has its own measure, below. --connections N, --rate N (messages a second) and --seconds N are of `load`. --seed N
 * runs that one schedule alone (docs/testing.md). --built: do not look whether the build is fresh.
 */
import { parseArgs } from 'node:util'
import { run } from './lib/run.mjs'
import { isBuilt } from './lib/workspace.mjs'
import { runLoad } from './soak/load.mjs'
import { runSchedules } from './soak/schedules.mjs'

const PARTS = {
  /** Random schedules of simulated worlds, on all cores. */
  schedules: { seeds: true, all: (options) => runSchedules(options) },
  /** The same where relays die, for good or not, are cut off from some, and conversations move. */
  hubs: { seeds: true, all: (options) => runSchedules({ ...options, mode: 'hubs' }) },
  /** As `hubs`, and some devices never come back. */
  vanishing: { seeds: true, all: (options) => runSchedules({ ...options, mode: 'vanishing' }) },
  /** As `hubs`, where half of the people are asked in later, have more devices, and write to each other alone. */
  newcomers: { seeds: true, all: (options) => runSchedules({ ...options, mode: 'newcomers' }) },
  /** A relay under load that is killed and stopped meanwhile: 2,000 connections, 2,000 messages a second, ten minutes. */
  load: { built: true, all: (options) => runLoad(options) },
  /** Rules switched off one at a time: the simulation has to see it. */
  mutations: {
    root: 'packages/sdk',
    test: 'test/simulation/mutations.test.ts',
    usual: { seeds: 1, lines: 0, kills: 0 },
    env: () => ({ DCHAT_LONG: 1 }),
  },
  /** Tests that `npm test` runs in a short form: fifty members who say more, kept seeds, histories, schedules of trade. */
  long: {
    root: 'packages/sdk',
    test: ['test/simulation/', 'test/sim-core/', 'test/mls/random-histories'],
    usual: { seeds: 1, lines: 0, kills: 0 },
    env: () => ({ DCHAT_LONG: 1 }),
  },
  /** Every test of `test/integration` in a page of Chromium; `npm test` runs those there that are about the browser. */
  pages: {
    root: 'packages/sdk',
    config: 'vitest.browser.config.ts',
    test: 'test/integration/',
    usual: { seeds: 1, lines: 0, kills: 0 },
    env: () => ({ DCHAT_LONG: 1 }),
  },
  /** Sender, relay and receiver of one conversation; `kills` of each. */
  lines: {
    root: 'packages/cli',
    test: 'test/process/kill-minus-nine.test.ts',
    usual: { seeds: 20, lines: 1000, kills: 8 },
    env: (seed, { lines, kills }) => ({
      DCHAT_KILL_SEED: seed,
      DCHAT_KILL_LINES: lines,
      DCHAT_KILL_COUNT: kills,
    }),
  },
  /** Four people in a group and their relay, 200 kills altogether; `lines` of each sender. */
  group: {
    root: 'packages/cli',
    test: 'test/process/kill-group.test.ts',
    usual: { seeds: 5, lines: 120, kills: 40 },
    env: (seed, { lines, kills }) => ({
      DCHAT_GROUP_SEED: seed,
      DCHAT_GROUP_LINES: lines,
      DCHAT_GROUP_KILLS: kills,
    }),
  },
  /** Seller, buyer, their commands and their relay, 200 kills altogether; `lines` bargains of each seed. */
  deals: {
    root: 'packages/cli',
    test: 'test/process/kill-offers.test.ts',
    usual: { seeds: 5, lines: 20, kills: 40 },
    env: (seed, { lines, kills }) => ({
      DCHAT_OFFERS_SEED: seed,
      DCHAT_OFFERS_BARGAINS: lines,
      DCHAT_OFFERS_KILLS: kills,
    }),
  },
  /** A bot's gateway, alone and with its client and a webhook over HTTP; `kills` of each. */
  bots: {
    root: 'packages/bot-kit',
    test: 'test/gateway/killed',
    usual: { seeds: 1, lines: 0, kills: 100 },
    env: (seed, { kills }) => ({ BOT_SEED: seed, BOT_KILLS: kills }),
  },
  /** 1,000 acceptances at once by 100 people, of a listing that has less; the seller goes in the middle and comes back. */
  accepts: {
    root: 'packages/sdk',
    test: 'test/integration/node/accepts.test.ts',
    usual: { seeds: 1, lines: 0, kills: 0 },
    env: (seed) => ({ DCHAT_ACCEPTS_SEED: seed, DCHAT_ACCEPTS_PEOPLE: 100, DCHAT_ACCEPTS_EACH: 10 }),
  },
  /** A new device takes the past of a conversation of so many `lines` while the one that let it in is off. */
  past: {
    root: 'packages/sdk',
    test: 'test/integration/node/long-past.test.ts',
    usual: { seeds: 1, lines: 10_000, kills: 0 },
    env: (_, { lines }) => ({ DCHAT_PAST_MESSAGES: lines }),
  },
  /** Three tabs of one person in a real browser, killed and reopened for a minute while messages flow; and one that hangs. */
  tabs: {
    root: 'packages/sdk',
    // Of `tabs.test.ts` and `three-tabs.test.ts`.
    test: 'test/chromium/t',
    usual: { seeds: 5, lines: 0, kills: 0 },
    env: (seed) => ({ DCHAT_TABS_SEED: seed, DCHAT_TABS_SECONDS: 60 }),
  },
  /** Tabs over a model of a store, which open, close, die, freeze and hang: `lines` of such histories. */
  takeovers: {
    root: 'packages/sdk',
    test: 'test/client/shared/random-tabs.test.ts',
    usual: { seeds: 1, lines: 500, kills: 0 },
    env: (seed, { lines }) => ({ PROPERTY_SEED: seed, DCHAT_TABS_RUNS: lines }),
  },
}

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: Object.keys(PARTS) },
    seeds: { type: 'string' },
    from: { type: 'string', default: String(Date.now() % 1_000_000) },
    lines: { type: 'string' },
    kills: { type: 'string' },
    schedules: { type: 'string', default: '1000' },
    shrink: { type: 'string', default: '120' },
    connections: { type: 'string', default: '2000' },
    rate: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '600' },
    built: { type: 'boolean', default: false },
    seed: { type: 'string' },
  },
})
const one = values.seed !== undefined
if (one) values.only = ['schedules']

const say = (line) => process.stdout.write(`${line}\n`)

const unknown = values.only.find((name) => !Object.hasOwn(PARTS, name))
if (unknown !== undefined) throw new Error(`There is no part "${unknown}"; there are ${Object.keys(PARTS).join(', ')}.`)

const needsBuild = values.only.some(
  (name) => PARTS[name].built || ['packages/cli', 'packages/bot-kit'].includes(PARTS[name].root),
)
if (needsBuild && !values.built && !isBuilt()) {
  const { code, output } = await run(['pnpm', '-r', 'run', 'build'])
  if (code !== 0) throw new Error(output)
}

let passed = 0
let failed = 0
for (const name of values.only) {
  if (PARTS[name].all) {
    const from = Number(values.seed ?? values.from)
    const count = one ? 1 : Number(values.schedules)
    if (PARTS[name].seeds) say(`${name}: seeds ${from} to ${from + count - 1}`)
    const [connections, rate, seconds] = [values.connections, values.rate, values.seconds].map(Number)
    const sum = await PARTS[name].all({ from, count, shrink: Number(values.shrink), connections, rate, seconds, say })
    passed += sum.passed
    failed += sum.failed
    continue
  }
  const { root, config, test, usual, env } = PARTS[name]
  const measure = {
    seeds: Number(values.seeds ?? usual.seeds),
    lines: Number(values.lines ?? usual.lines),
    kills: Number(values.kills ?? usual.kills),
  }
  const first = Number(values.from)
  for (let seed = first; seed < first + measure.seeds; seed += 1) {
    const since = Date.now()
    const settings = Object.entries(env(seed, measure)).map(([key, value]) => [key, String(value)])
    const command = ['pnpm', 'exec', 'vitest', 'run', '--root', root, ...[test].flat()]
    if (config !== undefined) command.push('--config', config)
    const { code, output } = await run(command, {
      env: { NO_COLOR: '1', ...Object.fromEntries(settings) },
    })
    if (code === 0) passed += 1
    else {
      failed += 1
      say(output)
    }
    say(`${name}, seed ${seed}: ${code === 0 ? 'ok' : 'FAILED'} (${((Date.now() - since) / 1000).toFixed(1)} s)`)
  }
}
say(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
