import type { BotEvent } from '../../src/events/event.ts'
import type { EventSource } from '../../src/gateway/intake.ts'

/** What a client's stream of arrivals is to the gateway: it begins behind what was acknowledged, and then waits. */
export const eventLog = () => {
  const events: BotEvent[] = []
  let acked = 0
  const waiting = new Set<() => void>()
  const source: EventSource<number> = {
    arrivals: async function* ({ signal }) {
      let place = acked
      while (!signal?.aborted) {
        const event = events[place]
        if (event) {
          place += 1
          yield { cursor: place, event }
        } else
          await new Promise<void>((resolve) => {
            waiting.add(resolve)
            signal?.addEventListener('abort', () => resolve(), { once: true })
          })
      }
    },
    ack: async (cursor) => {
      acked = cursor
    },
  }
  return {
    source,
    push: (...more: readonly BotEvent[]) => {
      events.push(...more)
      for (const wake of waiting) wake()
      waiting.clear()
    },
    acked: () => acked,
  }
}
