import type { Clock } from '@dchat/sdk'

interface Timer {
  readonly at: number
  fire(): void
}

export interface SimClock extends Clock {
  /** Moves time from timer to timer until `over` says so; fails where nothing would ever happen again. */
  runUntil(over: () => boolean | Promise<boolean>): Promise<void>
  /** Moves time by `ms`, and everything that falls due. */
  advance(ms: number): Promise<void>
  /** The same time for a process that may be killed: its timers go with it. */
  processClock(alive: () => boolean): Clock
}

/** Lets everything happen that can without time passing. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

/** A clock that stands still until it is moved. */
export const simClock = (start = Date.parse('2026-11-21T00:00:00Z')): SimClock => {
  let now = start
  let timers: Timer[] = []
  const next = (until = Number.POSITIVE_INFINITY): Timer | undefined => {
    const [first] = timers.toSorted((a, b) => a.at - b.at)
    if (first === undefined || first.at > until) return undefined
    timers = timers.filter((timer) => timer !== first)
    now = Math.max(now, first.at)
    return first
  }
  const sleeping =
    (alive: () => boolean): Clock['sleep'] =>
    (ms, { signal } = {}) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason)
          return
        }
        const timer = { at: now + ms, fire: () => alive() && resolve() }
        timers.push(timer)
        signal?.addEventListener('abort', () => {
          timers = timers.filter((one) => one !== timer)
          if (alive()) reject(signal.reason)
        })
      })
  return {
    now: () => now,
    sleep: sleeping(() => true),
    processClock: (alive) => ({ now: () => now, sleep: sleeping(alive) }),
    runUntil: async (over) => {
      for (let step = 0; step < 100_000; step += 1) {
        await settle()
        if (await over()) return
        const timer = next()
        if (!timer) throw new Error('nothing will ever happen again')
        timer.fire()
      }
      throw new Error('it does not come to an end')
    },
    advance: async (ms) => {
      const until = now + ms
      await settle()
      for (let timer = next(until); timer; timer = next(until)) {
        timer.fire()
        await settle()
      }
      now = until
    },
  }
}
