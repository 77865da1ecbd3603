import type { OfferAct, OfferList, OfferOptions, Offers } from '../api/offers.ts'
import type { Core } from '../core.ts'
import type { Rooms } from '../rooms/rooms.ts'

/** How the verbs of offers reach whoever has the store; all of them are one deed with different words. */
export type OfferBackend = Pick<Offers, 'act' | 'get' | 'find' | 'list' | 'stream' | 'receipt'>

/** `client.offers` over its backend. */
export const offersOver = (backend: OfferBackend): Offers => {
  const { act } = backend
  const plain =
    (type: 'accept' | 'decline' | 'withdraw' | 'complete' | 'cancel') => (offer: string, options?: OfferOptions) =>
      act({ type, offer }, options)
  const withData =
    (type: 'pay_request' | 'pay_submitted' | 'pay_confirmed' | 'fulfilled' | 'dispute' | 'resolve') =>
    (offer: string, data?: Extract<OfferAct, { data?: unknown }>['data'], options?: OfferOptions) =>
      act(data === undefined ? { type, offer } : { type, offer, data }, options)
  return {
    ...backend,
    make: (conversation, terms, options) => act({ type: 'propose', conversation, terms }, options),
    counter: (offer, terms, options) => act({ type: 'counter', offer, terms }, options),
    accept: plain('accept'),
    decline: plain('decline'),
    withdraw: plain('withdraw'),
    complete: plain('complete'),
    cancel: plain('cancel'),
    requestPayment: withData('pay_request'),
    reportPayment: withData('pay_submitted'),
    confirmPayment: withData('pay_confirmed'),
    fulfil: withData('fulfilled'),
    dispute: withData('dispute'),
    resolve: withData('resolve'),
  }
}

/** The offers of a client. What does the work is loaded with the first call: nobody needs it for the first message. */
export const offersOf = (core: Core, rooms: Rooms): Offers =>
  offersOver({
    act: async (act, options = {}) => (await import('../later.ts')).doOffer(core, rooms, act, options),
    get: async (id) => (await import('../later.ts')).getOffer(core, id),
    find: async (id) => (await import('../later.ts')).findOffer(core, id),
    list: async (options: OfferList = {}) => (await import('../later.ts')).listOffers(core, options),
    stream: (options = {}) => streamed(core, options),
    receipt: async (id, options) => (await import('../later.ts')).receiptOf(core, id, options?.deal),
  })

async function* streamed(core: Core, options: NonNullable<Parameters<Offers['stream']>[0]>) {
  const { followOffers } = await import('../later.ts')
  yield* followOffers(core, { ...options, signal: options.signal ?? core.signal })
}
