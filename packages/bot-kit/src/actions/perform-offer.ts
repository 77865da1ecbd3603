import { type Client, type ConversationId, DchatError, type OfferOptions, type OfferStep } from '@dchat/sdk'
import type { z } from 'zod'
import type { actionSchema } from './action.ts'
import { draftOf } from './offer-action.ts'

type OfferAction = Extract<z.output<typeof actionSchema>, { do: `offer_${string}` }>

/** A bot answers offers of the conversation that it acts in. Throws `offer/unknown`. */
const checkPlace = async (client: Client, offer: string, conversation: ConversationId): Promise<void> => {
  if ((await client.offers.get(offer))?.conversation !== conversation) throw new DchatError('offer/unknown', { offer })
}

/** A step of an offer. Throws what `client.offers` throws, and `usage/invalid-argument` for an amount that is none. */
export const performOffer = async (
  client: Client,
  action: OfferAction,
  conversation: ConversationId,
  options: OfferOptions,
): Promise<OfferStep> => {
  const { offers } = client
  if (action.do === 'offer_make') return offers.make(conversation, draftOf(action.terms), options)
  const { offer_id: id, head } = action
  await checkPlace(client, id, conversation)
  const answer = { ...options, head }
  switch (action.do) {
    case 'offer_counter':
      return offers.counter(id, draftOf(action.terms), answer)
    case 'offer_accept':
      return offers.accept(id, answer)
    case 'offer_decline':
      return offers.decline(id, { ...answer, ...(action.reason !== undefined && { reason: action.reason }) })
    case 'offer_withdraw':
      return offers.withdraw(id, answer)
  }
}
