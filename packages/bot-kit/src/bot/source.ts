import type { Client, Cursor } from '@dchat/sdk'
import { eventOf } from '../events/from-arrival.ts'
import type { EventSource } from '../gateway/intake.ts'

/** The client's own cursor of what the gateway has stored. */
const NAME = 'gateway'

/** Everything that arrives at a client, as events. */
export const clientSource = (client: Client): EventSource<Cursor> => ({
  arrivals: async function* ({ signal }) {
    const arrivals = client.messages.arrivals({ name: NAME, manual: true, ...(signal && { signal }) })
    for await (const arrival of arrivals) {
      const event = await eventOf(client, arrival)
      yield { cursor: arrival.cursor, ...(event && { event }) }
    }
  },
  ack: (cursor) => client.messages.ack(cursor, { name: NAME }),
})
