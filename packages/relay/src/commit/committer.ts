import { type Clock, type Entry, issueReceipts } from '@dchat/sdk/wire'
import type { Metrics } from '../metrics.ts'
import type { Turns } from '../platform.ts'
import type { Outcome, Store, Write } from '../store/store.ts'
import type { Job, Plan } from './job.ts'
import { type Placed, Turn } from './turn.ts'

export interface CommitterOptions {
  readonly store: Store
  readonly clock: Clock
  readonly metrics: Metrics
  readonly nextTurn: Turns
  readonly relayKey: Uint8Array
  /** Ed25519 by the relay key. */
  readonly sign: (message: Uint8Array) => Promise<Uint8Array>
  /** Called after the commit, in the order of the entries. */
  readonly deliver: (entries: readonly Entry[]) => void
}

export interface Committer {
  /** Resolves when the job's writes are durable; rejects with its refusal, or with the failure of the whole turn. */
  submit<T>(job: Job<T>): Promise<T>
  /** Resolves when nothing is queued or being written. */
  idle(): Promise<void>
}

interface Waiting {
  readonly job: Job<unknown>
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

interface Planned extends Waiting {
  readonly plan: Plan<unknown>
}

/** Rows of one group commit. More waits for the next one, so that nothing else of the process waits for long. */
const TURN_ROWS = 512
/** Bytes of their bodies, for the same reason. */
const TURN_BYTES = 8 * 1024 * 1024

/**
 * Group commit. Everything that arrives in one turn of the event loop becomes one durable step of the store with one
 * receipt signature; while it is written, the next turn gathers. So durability costs one flush for many messages, and a
 * lone message waits for nothing.
 */
export const createCommitter = (options: CommitterOptions): Committer => {
  const { store, clock, metrics, nextTurn, relayKey, sign, deliver } = options
  const queue: Waiting[] = []
  let running: Promise<void> | undefined

  const take = (): Waiting[] => {
    let rows = 0
    let bytes = 0
    let count = 0
    for (const { job } of queue) {
      rows += job.rows
      bytes += job.bytes ?? 0
      if (count > 0 && (rows > TURN_ROWS || bytes > TURN_BYTES)) break
      count++
    }
    return queue.splice(0, count)
  }

  const planAll = async (waiting: readonly Waiting[]): Promise<Planned[]> => {
    const turn = new Turn(store, clock.now())
    const planned: Planned[] = []
    for (const item of waiting) {
      try {
        planned.push({ ...item, plan: await item.job.plan(turn) })
      } catch (error) {
        item.reject(error)
      }
    }
    return planned
  }

  const commit = async (planned: readonly Planned[]): Promise<void> => {
    const placed = planned.flatMap(({ plan }) => plan.placed)
    const receipts = await issueReceipts(
      placed.map(({ step, head }) => ({ ...step, head })),
      relayKey,
      sign,
    )
    placed.forEach((entry, index) => {
      const receipt = receipts[index]
      if (receipt) entry.receipt = receipt
    })
    const shares = planned.map(({ plan }) => plan.writes())
    const writes: Write[] = shares.flat()
    const began = performance.now()
    const outcomes = writes.length === 0 ? [] : await store.commit(writes)
    if (writes.length > 0) {
      metrics.commitSeconds.observe((performance.now() - began) / 1000)
      metrics.commitWrites.observe(writes.length)
    }
    let at = 0
    planned.forEach((item, index) => {
      const count = shares[index]?.length ?? 0
      settle(item, outcomes.slice(at, at + count))
      at += count
    })
    const durable = placed.filter((entry) => entry.durable)
    metrics.entries.inc(durable.length)
    deliver(durable.flatMap(entryOf))
  }

  const work = async (): Promise<void> => {
    do {
      // Lets every socket that has something to say join this turn.
      await nextTurn()
      const planned = await planAll(take())
      try {
        await commit(planned)
      } catch (error) {
        for (const { reject } of planned) reject(error)
      }
    } while (queue.length > 0)
  }

  return {
    submit: <T>(job: Job<T>) =>
      new Promise<T>((resolve, reject) => {
        queue.push({ job, resolve: resolve as (value: unknown) => void, reject })
        running ??= work().finally(() => {
          running = undefined
        })
      }),
    idle: async () => {
      while (running) await running
    },
  }
}

const settle = ({ plan, resolve, reject }: Planned, outcomes: readonly Outcome[]): void => {
  for (const entry of plan.placed) entry.durable = outcomes.every(({ ok }) => ok)
  try {
    resolve(plan.answer(outcomes))
  } catch (error) {
    reject(error)
  }
}

const entryOf = ({ upload, receipt }: Placed): Entry[] => (receipt ? [{ ...upload, receipt }] : [])
