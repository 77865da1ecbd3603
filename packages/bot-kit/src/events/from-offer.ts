import type { Client, Content, Money, Offer, OfferEventType, OfferThreadId } from '@dchat/sdk'
import type { EventType } from './event.ts'
import type { OfferData } from './parts.ts'

type OfferStepType = Extract<EventType, `offer.${string}`>
type OfferContent = Extract<Content, { type: 'offer' }>

const STEPS: Readonly<Partial<Record<OfferEventType, OfferStepType>>> = {
  propose: 'offer.made',
  counter: 'offer.countered',
  accept: 'offer.accepted',
  decline: 'offer.declined',
  withdraw: 'offer.withdrawn',
}

const moneyOf = ({ minor, currency, exponent }: Money) => ({ minor, currency, exponent })

/** The event of a step; undefined for one that counts for nobody, or that this version does not know. */
export const offerEventType = ({ step, refused }: OfferContent): OfferStepType | undefined =>
  refused !== undefined || typeof step !== 'string' ? undefined : (STEPS[step] ?? 'offer.settlement')

/** An offer as it stands now. */
const offerDataOf = (client: Client, offer: Offer): OfferData => {
  const { terms } = offer
  // Of several deals the last one: what the newest step is about.
  const deal = offer.deals.at(-1)
  return {
    id: offer.id,
    state: deal?.state ?? offer.state,
    head: offer.head,
    yours: offer.author === client.address,
    role: terms.role,
    total: moneyOf(terms.price.total),
    items: terms.items.map(({ id, title, quantity, unitPrice }) => ({
      id,
      title,
      quantity,
      ...(unitPrice && { unit_price: moneyOf(unitPrice) }),
    })),
    ...(terms.text !== undefined && { text: terms.text }),
    ...(terms.listing && { listing: terms.listing.id }),
    ...(Number.isFinite(offer.expiresAt) && { expires_at: new Date(offer.expiresAt).toISOString() }),
    ...(deal && { deal: deal.id }),
  }
}

export const offerData = async (client: Client, id: OfferThreadId): Promise<OfferData | undefined> => {
  const offer = await client.offers.get(id)
  return offer && offerDataOf(client, offer)
}
