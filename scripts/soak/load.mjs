import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { generator } from '../bench/relay/generate.mjs'
import { memoryOf, needLinux } from '../bench/relay/process.mjs'
import { startRelay } from '../bench/relay/server.mjs'
import { root } from '../lib/run.mjs'
import { slopeOf } from './check.mjs'

/** When the relay dies, as a share of the time; the second half is left alone, so that its memory can be judged. */
const DEATHS = [
  { at: 0.15, signal: 'SIGKILL' },
  { at: 0.3, signal: 'SIGTERM' },
  { at: 0.4, signal: 'SIGKILL' },
]

/** The second half of a run has to last that long (s) for its slopes to say anything. */
const JUDGED = 60
/** What the memory may grow by over the second half, as a share of its mean. */
const GROWTH = 0.1
/** Seconds between two looks at what is left after a collection: each of them stops the relay for some 50 ms. */
const COLLECT_EVERY = 15
const MIB = 1024 * 1024

const HEAP_ON_DEMAND = ['--expose-gc', '--import', join(root, 'scripts/soak/heap-on-demand.mjs')]

/** MiB that a process still holds after a collection of its garbage. */
const heapOf = async (relay) => {
  const lastSaid = () => [...relay.said().matchAll(/collection (\d+): (\d+) bytes\n/g)].at(-1)
  const before = lastSaid()?.[1]
  relay.kill('SIGUSR2')
  const [, , bytes] = await relay.until(() => (lastSaid()?.[1] === before ? undefined : lastSaid()))
  return Number(bytes) / MIB
}

/** Samples of memory until `stop`, as [seconds, MiB]: what the process holds, and what is left after a collection. */
const watch = (relayNow) => {
  const resident = []
  const collected = []
  const began = performance.now()
  const seconds = () => (performance.now() - began) / 1_000
  const timer = setInterval(() => {
    try {
      resident.push([seconds(), memoryOf(relayNow().pid)])
    } catch {
      // Between two lives there is no process.
    }
  }, 1_000)
  return {
    resident,
    collected,
    collect: async () => collected.push([seconds(), await heapOf(relayNow())]),
    stop: () => clearInterval(timer),
  }
}

/** Says how one kind of memory went over the second half, after the last end of the relay. */
const judge = (what, samples, seconds, say) => {
  const late = samples.filter(([at]) => at >= seconds / 2 && at <= seconds)
  if (late.length < 2) return []
  const values = late.map(([, memory]) => memory)
  const mean = values.reduce((sum, memory) => sum + memory, 0) / late.length
  const slope = slopeOf(late) * 60
  const grown = (slope * seconds) / 2 / 60 / mean
  say(
    `load: ${what} in the second half ${mean.toFixed(0)} MiB (${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)}), slope ${slope.toFixed(2)} MiB a minute (${(grown * 100).toFixed(1)} % over that half)`,
  )
  if (seconds / 2 < JUDGED || grown <= GROWTH) return []
  return [`${what} grows by ${slope.toFixed(2)} MiB a minute`]
}

/**
 * A relay in a process of its own under load, which is killed and stopped meanwhile. Nothing that it acknowledged may be
 * lost, nothing may stand twice or out of order, and its memory may not grow.
 * @param {{ connections: number, rate: number, seconds: number, say: (line: string) => void }} options
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export const runLoad = async ({ connections, rate, seconds, say }) => {
  needLinux()
  const first = await startRelay({ node: HEAP_ON_DEMAND })
  let relay = first
  const clients = generator('scripts/soak/load-clients.mjs')
  const faults = []
  try {
    await clients.ask('open', { port: first.target.port, connections })
    const memory = watch(() => relay)
    const running = clients.ask('run', { rate, seconds })
    running.catch(() => undefined)
    let passed = 0
    for (const { at, signal } of DEATHS) {
      await sleep((at - passed) * seconds * 1_000)
      passed = at
      relay.kill(signal)
      const code = await relay.ended
      if (signal === 'SIGTERM' && code !== 0) faults.push(`SIGTERM ended the relay with ${code}`)
      relay = await relay.again()
      say(`load: ${signal} at ${(at * 100).toFixed(0)} %, the relay is back`)
    }
    for (let at = 0.5; at <= 1; at += COLLECT_EVERY / seconds) {
      await sleep((at - passed) * seconds * 1_000)
      passed = at
      await memory.collect()
    }
    const run = await running
    memory.stop()
    const { p50, p95, longest } = run
    say(
      `load: ${run.sent} messages in ${seconds} s over ${connections} connections and ${DEATHS.length} ends of the relay (${run.lives} links); receipt after ${p50.toFixed(1)} ms (median), ${p95.toFixed(1)} (p95), ${longest.toFixed(0)} (longest)`,
    )
    faults.push(...judge('memory of the relay', memory.resident, seconds, say))
    faults.push(...judge('of it after collections', memory.collected, seconds, say))
    const back = run.faults.length > 0 ? run : await clients.ask('readBack')
    faults.push(...back.faults)
    if (back.entries !== undefined) {
      say(`load: ${back.entries} entries read back`)
      if (back.entries !== run.sent) faults.push(`${run.sent} were sent`)
    }
  } finally {
    await clients.close()
    await relay.close()
    await first.close()
  }
  for (const fault of new Set(faults)) say(`load: FAILED, ${fault}`)
  if (faults.length === 0) say('load: ok, nothing acknowledged is lost, out of order or there twice')
  return { passed: faults.length === 0 ? 1 : 0, failed: faults.length === 0 ? 0 : 1 }
}
