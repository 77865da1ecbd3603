import type { Handlers } from './handler.ts'

/** Bytes of a message that count as one more request. */
const STEP = 8 * 1024

/** Nobody shows a key here: who knows the slot may write and read, and what stands there is sealed or public. */
export const rendezvousHandlers: Pick<Handlers, 'rendezvous.put' | 'rendezvous.get'> = {
  'rendezvous.put': async ({ body, ...place }, { relay, address }) => {
    relay.rates.rendezvous.take(address, 1 + Math.floor(body.length / STEP))
    relay.rendezvous.put(place, body)
    return {}
  },
  'rendezvous.get': async ({ wait, ...place }, { relay, address }) => {
    relay.rates.rendezvous.take(address, 1)
    return { body: await relay.rendezvous.get(place, wait) }
  },
}
