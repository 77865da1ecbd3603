import { summarise } from './stats.mjs'

/**
 * One figure.
 * @typedef {object} Case
 * @property {string} name unique in its suite
 * @property {number} runs how many samples are counted
 * @property {number} [warmup] samples before them that are not; default 1
 * @property {(index: number) => unknown} [prepare] makes what `run` takes, outside the measured time
 * @property {(input: unknown, index: number) => unknown} [run] what is measured
 * @property {(index: number) => Promise<number>} [measured] instead of `run`: it ran in another program, which took the
 *   time there (ms)
 * @property {(index: number) => Promise<readonly number[]>} [samples] instead of both: one run that measures many times
 * @property {() => number} [bytes] size of what the last run made
 * @property {string} [unit] where it is not the suite's
 * @property {number} [per] operations in one run; the figure is for one of them. Default 1
 */

/**
 * What stands side by side, in one process. Everything is made anew by each call of `open`.
 * @typedef {object} Suite
 * @property {string} name
 * @property {string} title
 * @property {'ms'} unit
 * @property {number} rounds the cases take turns that often, so that a machine that slows down slows all of them
 * @property {readonly Peer[]} [peers] whose figures stand beside ours
 * @property {readonly Peer[]} [parts] ours too, but they cannot be measured on every machine
 * @property {(size: 'full' | 'quick') => Promise<readonly Case[]>} [setup]
 * @property {readonly Aim[]} [aims]
 */

/**
 * Somebody else's implementation, or a part that is not everywhere. `open` throws `PeerMissing` where it cannot be had.
 * @typedef {object} Peer
 * @property {string} name
 * @property {(size: 'full' | 'quick') => Promise<readonly Case[]>} open
 * @property {() => Promise<void>} [close] runs in the end, also when `open` failed
 */

/**
 * What the median of a case should be, at most or at least: in its unit, or as a multiple of another case's median.
 * @typedef {object} Aim
 * @property {string} of
 * @property {'median' | 'p95'} [by] default: the median
 * @property {string} [over]
 * @property {number} [atMost] without it and `atLeast` the figure is told and not judged
 * @property {number} [atLeast]
 */

/** A peer that cannot be measured here. Its message says why, for a person. */
export class PeerMissing extends Error {}

const sample = async (one, index) => {
  if (one.samples) return one.samples(index)
  if (one.measured) return [(await one.measured(index)) / (one.per ?? 1)]
  const input = await one.prepare?.(index)
  const since = performance.now()
  await one.run(input, index)
  return [(performance.now() - since) / (one.per ?? 1)]
}

/** Runs of one round: the first rounds take what does not divide. */
const share = (runs, rounds, round) => Math.floor(runs / rounds) + (round < runs % rounds ? 1 : 0)

const measure = async (cases, rounds) => {
  const measured = cases.map((one) => ({ one, samples: [], next: 0 }))
  for (let round = 0; round < rounds; round += 1)
    for (const entry of measured) {
      const { one, samples } = entry
      const unmeasured = round === 0 ? (one.warmup ?? 1) : 0
      for (let i = share(one.runs, rounds, round) + unmeasured; i > 0; i -= 1) {
        const took = await sample(one, entry.next)
        entry.next += 1
        if (entry.next > (one.warmup ?? 1)) samples.push(...took)
      }
    }
  return measured
}

const openPeers = async (peers, size) => {
  const opened = []
  const skipped = []
  for (const { name, open } of peers)
    try {
      for (const one of await open(size)) opened.push({ peer: name, one })
    } catch (error) {
      if (!(error instanceof PeerMissing)) throw error
      skipped.push({ peer: name, why: error.message })
    }
  return { opened, skipped }
}

/** The aims whose figures were measured. */
const judge = (aims, rows) => {
  const rowOf = (name) => rows.find((row) => row.name === name)
  return aims.flatMap(({ of, by = 'median', over, atMost, atLeast }) => {
    const { [by]: ours, unit } = rowOf(of) ?? {}
    const theirs = over === undefined ? 1 : rowOf(over)?.[by]
    if (ours === undefined || theirs === undefined) return []
    const value = ours / theirs
    return [
      {
        of,
        ...(by === 'median' ? {} : { by }),
        ...(unit === undefined ? {} : { unit }),
        ...(over === undefined ? {} : { over }),
        value,
        ...(atMost === undefined ? {} : { atMost, met: value <= atMost }),
        ...(atLeast === undefined ? {} : { atLeast, met: value >= atLeast }),
      },
    ]
  })
}

/**
 * Measures a suite. Nothing in the result decides a test: `met` is for people.
 * @param {Suite} suite
 * @param {{ size: 'full' | 'quick', peers: boolean }} options
 */
export const runSuite = async (suite, { size, peers }) => {
  const others = [...(suite.parts ?? []), ...(peers ? (suite.peers ?? []) : [])]
  try {
    const own = (await suite.setup?.(size)) ?? []
    return await reportOn(suite, own, await openPeers(others, size))
  } finally {
    for (const { close } of others) await close?.()
  }
}

const reportOn = async (suite, own, { opened, skipped }) => {
  const peerOf = new Map(opened.map(({ peer, one }) => [one, peer]))
  const measured = await measure([...own, ...opened.map(({ one }) => one)], suite.rounds)
  const rows = measured.map(({ one, samples }) => ({
    name: one.name,
    ...(peerOf.has(one) ? { peer: peerOf.get(one) } : {}),
    ...(one.unit === undefined ? {} : { unit: one.unit }),
    ...summarise(samples),
    ...(one.bytes === undefined ? {} : { bytes: one.bytes() }),
  }))
  return {
    name: suite.name,
    title: suite.title,
    unit: suite.unit,
    rows,
    aims: judge(suite.aims ?? [], rows),
    skipped,
  }
}
