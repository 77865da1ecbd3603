import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Feed, type FeedOutlet } from '../../src/link/feed.ts'

type Step = 'append' | 'append-many' | 'credit' | 'congest' | 'flow' | 'pause' | 'open'

const step: fc.Arbitrary<Step> = fc.constantFrom('append', 'append-many', 'credit', 'congest', 'flow', 'pause', 'open')

/** A log, a reader whose keys open it up to a place, and a peer that may not read for a while. */
const world = (seed: readonly Step[]) => {
  const log: number[] = []
  const got: number[] = []
  const faults: unknown[] = []
  const state = {
    credit: 3,
    congested: false,
    limit: seed.length % 2 === 0 ? Number.POSITIVE_INFINITY : 5,
    blocked: false,
  }
  let wake: (() => void)[] = []
  const outlet: FeedOutlet<number> = {
    get congested() {
      return state.congested
    },
    flowing: () => (state.congested ? new Promise((resolve) => wake.push(resolve)) : Promise.resolve()),
    item: (item) => got.push(item),
    blocked: () => {
      state.blocked = true
    },
    unblocked: () => {
      state.blocked = false
    },
    failed: (error) => faults.push(error),
  }
  const source = {
    read: async (after: number, { limit }: { limit: number }) => {
      const page = log.filter((seq) => seq > after).slice(0, limit)
      await Promise.resolve()
      const items = page.filter((seq) => seq <= state.limit)
      return { items, blocked: (items.at(-1) ?? after) >= state.limit }
    },
    seqOf: (item: number) => item,
  }
  const feed = new Feed(source, outlet, 0, state.credit)
  const append = () => {
    log.push(log.length + 1)
    // Live entries behind a limit are commits' business: the reader is woken and reads.
    if (log.length > state.limit) feed.wake()
    else feed.offer(log.length)
  }
  const flow = () => {
    state.congested = false
    for (const resolve of wake.splice(0)) resolve()
    wake = []
  }
  const apply: Record<Step, () => unknown> = {
    append,
    'append-many': () => Array.from({ length: 70 }, append),
    credit: () => {
      state.credit += 40
      feed.addCredit(40)
    },
    congest: () => {
      state.congested = true
    },
    flow,
    pause: () => new Promise((resolve) => setImmediate(resolve)),
    open: () => {
      state.limit = Number.POSITIVE_INFINITY
      feed.wake()
    },
  }
  return { log, got, faults, state, feed, apply, flow }
}

test('whatever happens in which order: in sequence, nothing twice, nothing left out, never beyond credit or keys', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const { log, got, faults, state, feed, apply, flow } = world(steps)
      feed.start()
      for (const one of steps) {
        await apply[one]()
        expect(got.length).toBeLessThanOrEqual(Math.min(state.credit, state.limit))
      }
      flow()
      const wanted = Math.min(log.length, state.credit, state.limit)
      for (let turn = 0; turn < 200 && got.length < wanted; turn++) await apply.pause()
      expect(got).toEqual(log.slice(0, wanted))
      expect(faults).toEqual([])
      if (got.length === state.limit && state.credit > state.limit) {
        await apply.pause()
        expect(state.blocked).toBe(true)
      }
      feed.close()
    }),
    { numRuns: 300 },
  )
})

test('a closed feed sends nothing, and a failing store ends it with the failure', async () => {
  const { got, feed, apply } = world([])
  feed.start()
  feed.close()
  await apply.append()
  await apply.pause()
  expect(got).toEqual([])
  const faults: unknown[] = []
  const failing = new Feed<number>(
    { read: () => Promise.reject(new Error('gone')), seqOf: (item) => item },
    {
      congested: false,
      flowing: () => Promise.resolve(),
      item: () => undefined,
      blocked: () => undefined,
      unblocked: () => undefined,
      failed: (error) => faults.push(error),
    },
    0,
    1,
  )
  failing.start()
  await apply.pause()
  expect(faults).toHaveLength(1)
})
