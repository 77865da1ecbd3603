import {
  type Client,
  type Clock,
  type ConversationId,
  DchatError,
  isDchatError,
  type Offer,
  type OfferOptions,
  type OfferStep,
  type OfferThreadId,
} from '@dchat/sdk'
import { sentWith } from '../actions/perform.ts'
import type { BotEvent } from '../events/event.ts'
import { offerOf } from '../events/parts.ts'
import type { Context } from './context.ts'

export type OfferVerbs = Pick<Context, 'propose' | 'counter' | 'accept' | 'decline' | 'withdraw' | 'receipt'>

const PATIENCE = 60_000
const STANDS: readonly string[] = ['agreed', 'completed', 'cancelled', 'disputed', 'resolved']

export interface OfferParts {
  readonly client: Client
  readonly clock: Clock
  readonly event: BotEvent
  readonly signal: AbortSignal
  /** A name for the next step, so that it is made once. */
  readonly clientId: () => string
}

/** Waits until the newest deal of an offer stands or has failed; undefined after a minute. */
const settled = async ({ client, clock, signal }: OfferParts, id: OfferThreadId): Promise<Offer | undefined> => {
  const over = new AbortController()
  const within = AbortSignal.any([signal, over.signal])
  clock.sleep(PATIENCE, { signal: within }).then(
    () => over.abort(),
    () => undefined,
  )
  try {
    for await (const offer of client.offers.stream({ signal: within })) {
      const state = offer.id === id ? offer.deals.at(-1)?.state : undefined
      if (state !== undefined && state !== 'pending') return offer
    }
  } catch (error) {
    if (!over.signal.aborted) throw error
  } finally {
    over.abort()
  }
  signal.throwIfAborted()
  return undefined
}

/** Verbs of offers. */
export const offerVerbs = (parts: OfferParts): OfferVerbs => {
  const { client, event, signal } = parts
  const { offers } = client
  const conversation = event.data.conversation.id as ConversationId
  const given = offerOf(event)
  const offer = () => {
    if (given === undefined)
      throw new DchatError('usage/invalid-argument', { name: 'offer', reason: 'this event is of no offer' })
    return given
  }
  /** What an event that is handled again did the first time stands, whatever it would do now. */
  const once = async (step: (options: { clientId: string; signal: AbortSignal }) => Promise<OfferStep>) => {
    const clientId = parts.clientId()
    try {
      return await step({ clientId, signal })
    } catch (error) {
      if (!isDchatError(error, 'message/client-id-reused')) throw error
      const made = await sentWith(client, clientId, conversation)
      if (made?.content.type !== 'offer' || typeof made.content.step !== 'string') throw error
      const { offer, event, step: type } = made.content
      return { offer, event, type, message: made.id }
    }
  }
  /** An answer is to the terms that the event told of: newer ones make it `offer/superseded`. */
  const answer = (step: (id: OfferThreadId, options: OfferOptions) => Promise<OfferStep>) =>
    once(async (options) => step(offer().id, { ...options, head: offer().head }))
  return {
    propose: (terms) => once((options) => offers.make(conversation, terms, options)),
    counter: (terms) => answer((id, options) => offers.counter(id, terms, options)),
    accept: () => answer((id, options) => offers.accept(id, options)),
    decline: (reason) =>
      answer((id, options) => offers.decline(id, { ...options, ...(reason !== undefined && { reason }) })),
    withdraw: () => answer((id, options) => offers.withdraw(id, options)),
    receipt: async () => {
      const { id } = offer()
      const found = await settled(parts, id)
      const deal = found?.deals.at(-1)
      if (found === undefined || deal === undefined || !STANDS.includes(deal.state))
        throw new DchatError('offer/no-receipt', { offer: id, reason: 'its deal is not agreed' })
      return { offer: found, file: await offers.receipt(id, { deal: deal.id }) }
    },
  }
}
