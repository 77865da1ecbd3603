import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generator } from '../relay/generate.mjs'
import { cpuOf } from '../relay/process.mjs'
import { besides } from '../relay/servers.mjs'

const LOADS = {
  '200/s': { order: 'paced', rate: 200 },
  '500/s': { order: 'paced', rate: 500 },
  '2,000/s': { order: 'paced', rate: 2_000 },
  'window 1': { order: 'closed', window: 1 },
  'window 10': { order: 'closed', window: 10 },
}

const name = (server, load) =>
  LOADS[load].order === 'paced' ? `${server}: ${load}, until it arrived` : `${server}: ${load}, delivered`

/** The figures of one load: what was asked for first, then what the same run has cost both sides. */
const casesOf = (server, load, runs, seconds, run) => {
  const { order, ...options } = LOADS[load]
  let last
  const once = { runs, warmup: 0 }
  return [
    {
      name: name(server, load),
      ...once,
      ...(order === 'closed' ? { unit: 'messages/s' } : {}),
      samples: async () => {
        last = await run(order, { ...options, seconds })
        return order === 'paced' ? last.latencies : [(last.messages * 1_000) / last.took]
      },
    },
    {
      name: `${server}: ${load}, server, each message`,
      unit: 'µs of CPU',
      ...once,
      measured: async () => (last.serverCpu * 1_000) / last.messages,
    },
    {
      name: `${server}: ${load}, generator`,
      unit: '% of a core',
      ...once,
      measured: async () => (100 * last.cpu) / last.took,
    },
  ]
}

/** What durability costs here: 8 KiB that are on the disk for sure. */
const flush = () => {
  const folder = mkdtempSync(join(tmpdir(), 'dchat-bench-flush-'))
  const file = openSync(join(folder, 'flush'), 'w')
  const bytes = Buffer.alloc(8_192, 1)
  return {
    run: () => {
      writeSync(file, bytes)
      fdatasyncSync(file)
    },
    close: async () => {
      closeSync(file)
      rmSync(folder, { recursive: true })
    },
  }
}

const { parts, peers } = besides(async (server, size, opened) => {
  const [pairs, runs, seconds] = size === 'quick' ? [3, 1, 0.3] : [50, 3, 4]
  const running = await server.open(2 * pairs)
  opened.push(running)
  const clients = generator()
  opened.push(clients)
  await clients.ask('pairs', { ...running.target, count: pairs })
  const run = async (order, options) => {
    const before = cpuOf(running.pid)
    const result = await clients.ask(order, options)
    return { ...result, serverCpu: cpuOf(running.pid) - before }
  }
  // Compilers and caches are warm afterwards.
  await run('closed', { window: 1, seconds: seconds / 2 })
  return Object.keys(LOADS).flatMap((load) => casesOf(server.name, load, runs, seconds, run))
})

const disk = []

/** @type {import('../runner.mjs').Suite} */
export const suite = {
  name: 'delivery',
  title: 'Messages of 1,000 bytes from 50 clients to 50 others',
  unit: 'ms',
  rounds: 3,
  setup: async (size) => {
    const { run, close } = flush()
    disk.push(close)
    return [{ name: 'one flush of 8 KiB to the disk', runs: size === 'quick' ? 5 : 300, warmup: 1, run }]
  },
  parts: [
    ...parts,
    {
      name: 'disk',
      open: async () => [],
      close: async () => void (await Promise.all(disk.splice(0).map((close) => close()))),
    },
  ],
  peers,
  aims: [
    { of: name('dchat', '200/s'), atMost: 1 },
    { of: name('dchat', '500/s'), atMost: 2 },
    ...['window 1', 'window 10'].flatMap((load) =>
      ['ejabberd', 'Prosody'].map((peer) => ({ of: name('dchat', load), over: name(peer, load), atLeast: 1 })),
    ),
  ],
}
