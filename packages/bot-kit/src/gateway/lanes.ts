import type { Abortable, Clock } from '@dchat/sdk'
import type { Delivery } from '../queue/queue.ts'
import { type AttemptParts, attempt } from './attempt.ts'
import { pauseOf } from './schedule.ts'

/** Events in flight at one endpoint; of them, those that left their lane. */
const MAX_CONNECTIONS = 40
const MAX_BACKGROUND = 10

/** Another program may have put something into the queue, ms. */
export const LOOK_AGAIN = 10_000

/** A sleep that can be ended early. */
const wakingSleep = (clock: Clock) => {
  let wake = new AbortController()
  return {
    wake: (): void => wake.abort(),
    /** Begins anew: what wakes from here on ends the next sleep. */
    arm: (): void => {
      wake = new AbortController()
    },
    sleep: async (ms: number, { signal }: Required<Abortable>): Promise<void> => {
      const over = AbortSignal.any([wake.signal, ...(signal ? [signal] : [])])
      await clock.sleep(ms, { signal: over }).catch((error: unknown) => {
        if (!over.aborted) throw error
      })
    },
  }
}

export interface Lanes {
  /** Something new may be due. */
  wake(): void
  /** Resolves when `stop` is aborted and nothing is in flight; rejects with the queue's error. */
  readonly done: Promise<void>
}

/**
 * Delivers what is due at one endpoint: of each conversation one event after the other, conversations side by side.
 * `stop` begins nothing more; `hard` ends what is in flight.
 */
export const runLanes = (
  parts: AttemptParts & { readonly maxConnections?: number; readonly lookAgain?: number },
  { stop, hard }: { readonly stop: AbortSignal; readonly hard: AbortSignal },
): Lanes => {
  const { queue, endpoint, clock, maxConnections = MAX_CONNECTIONS, lookAgain = LOOK_AGAIN } = parts
  const inFlight = new Map<number, { readonly place: Delivery['place']; readonly work: Promise<void> }>()
  const rest = wakingSleep(clock)
  let pausedUntil = 0
  let failure: { readonly error: unknown } | undefined

  const start = (delivery: Delivery): void => {
    const work = attempt(parts, delivery, hard)
      .then((delivered) => {
        if (delivered) pausedUntil = Math.max(pausedUntil, clock.now() + pauseOf(delivered))
      })
      .catch((error: unknown) => {
        failure ??= { error }
      })
      .finally(() => {
        inFlight.delete(delivery.seq)
        rest.wake()
      })
    inFlight.set(delivery.seq, { place: delivery.place, work })
  }

  const startDue = async (place: Delivery['place'], now: number): Promise<void> => {
    const busy = [...inFlight.values()].filter((one) => one.place === place).length
    const free = Math.min(maxConnections - inFlight.size, (place === 'lane' ? maxConnections : MAX_BACKGROUND) - busy)
    if (free <= 0) return
    // What is in flight is still due.
    const due = await queue.ready(endpoint.name, place, now, free + busy)
    const fresh = due.filter(({ seq }) => !inFlight.has(seq)).slice(0, free)
    if (!stop.aborted) for (const delivery of fresh) start(delivery)
  }

  const work = async (): Promise<void> => {
    while (!stop.aborted && !failure) {
      rest.arm()
      const now = clock.now()
      if (now >= pausedUntil) {
        await startDue('lane', now)
        await startDue('background', now)
      }
      const next = now < pausedUntil ? pausedUntil : ((await queue.nextDue(endpoint.name, now)) ?? Infinity)
      await rest.sleep(Math.min(next - now, lookAgain), { signal: stop })
    }
    await Promise.all([...inFlight.values()].map((one) => one.work))
    if (failure) throw failure.error
  }
  return { wake: () => rest.wake(), done: work() }
}
