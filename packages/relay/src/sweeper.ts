import type { Clock, Log } from '@dchat/sdk/wire'
import type { Metrics } from './metrics.ts'
import { type Retention, sweepTimes } from './policy/retention.ts'
import type { Store } from './store/store.ts'

export interface SweeperOptions {
  readonly store: Store
  readonly clock: Clock
  readonly metrics: Metrics
  readonly log: Log
  readonly retention: Retention
  /** ms between rounds. */
  readonly every: number
}

const SLICE = 200
/** ms between the slices of a round: messages go first. */
const PAUSE = 20

/** Retention in small slices, so that nobody waits for it. Returns how to stop it; resolves when it has stopped. */
export const startSweeper = ({
  store,
  clock,
  metrics,
  log,
  retention,
  every,
}: SweeperOptions): (() => Promise<void>) => {
  const stop = new AbortController()
  const { signal } = stop
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        const began = performance.now()
        await sweepOnce({ store, clock, metrics, retention }, signal)
        metrics.sweepSeconds.observe((performance.now() - began) / 1000)
      } catch (error) {
        log.warn('sweep-failed', { name: error instanceof Error ? error.name : typeof error })
      }
      await clock.sleep(every, { signal })
    }
  }
  const ended = run().catch(() => undefined)
  return () => {
    stop.abort()
    return ended
  }
}

/** One whole round. */
const sweepOnce = async (
  { store, clock, metrics, retention }: Pick<SweeperOptions, 'store' | 'clock' | 'metrics' | 'retention'>,
  signal?: AbortSignal,
): Promise<void> => {
  const times = sweepTimes(retention, clock.now())
  for (let trimmed = 1; trimmed > 0 && !signal?.aborted; ) {
    trimmed = await store.sweep(times, SLICE)
    metrics.trimmed.inc(trimmed)
    if (trimmed > 0) await clock.sleep(PAUSE, { signal })
  }
}
