import type { Listings } from '../api/listings.ts'
import type { Core } from '../core.ts'
import type { Rooms } from '../rooms/rooms.ts'

/** The listings of a client; what does the work is loaded with the first call. */
export const listingsOf = (core: Core, rooms: Rooms): Listings => {
  const work = async () => new (await import('../later.ts')).ListingsWork(core, rooms)
  return {
    create: async (draft, options) => (await work()).create(draft, options),
    edit: async (id, changes) => (await work()).edit(id, changes),
    close: async (id) => (await work()).close(id),
    handOver: async (id, device) => (await work()).handOver(id, device),
    takeOver: async (id, options) => (await work()).takeOver(id, options),
    get: async (id) => (await work()).get(id),
    of: async (offer) => (await work()).of(offer),
    list: async () => (await work()).list(),
    stream: (options) => streamed(work, options),
    terms: async (id, offer) => (await work()).terms(id, offer),
  }
}

async function* streamed(work: () => Promise<Listings>, options: Parameters<Listings['stream']>[0]) {
  yield* (await work()).stream(options)
}
