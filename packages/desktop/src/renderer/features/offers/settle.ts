import type { Address, Client, Offer, OfferDeal } from '@dchat/sdk'

/** Something that this person can do next about a deal. */
export interface Next {
  readonly id: 'request' | 'report' | 'confirm' | 'fulfil' | 'complete' | 'cancel' | 'agree-to-cancel' | 'dispute'
  readonly text: string
  /** The one thing that is expected of this person now. */
  readonly isMain: boolean
}

/** Who sells: the opener, unless their role is to buy. */
const sellerOf = (offer: Offer, deal: OfferDeal): Address | undefined => {
  const taker = deal.takers.find((address) => address !== offer.opener)
  return offer.terms.role === 'buy' ? taker : offer.opener
}

/** Whether this person gets the money. */
export const isSellerOf = (offer: Offer, deal: OfferDeal, me: Address): boolean => sellerOf(offer, deal) === me

/** What a party of the deal can do now, the expected first. */
export const nextSteps = (offer: Offer, deal: OfferDeal, me: Address): readonly Next[] => {
  if (deal.state !== 'agreed' || (offer.opener !== me && !deal.takers.includes(me))) return []
  const isSeller = isSellerOf(offer, deal, me)
  const { payment, fulfilledBy, cancelBy } = deal
  const all: (Next | false)[] = [
    cancelBy !== undefined && cancelBy !== me && { id: 'agree-to-cancel', text: 'Agree to cancel', isMain: true },
    isSeller && payment === 'none' && { id: 'request', text: 'Request payment', isMain: true },
    !isSeller && payment === 'requested' && { id: 'report', text: 'I have paid', isMain: true },
    isSeller && payment === 'submitted' && { id: 'confirm', text: 'The payment came', isMain: true },
    isSeller && payment === 'requested' && { id: 'confirm', text: 'The payment came', isMain: false },
    isSeller && !fulfilledBy.includes(me) && { id: 'fulfil', text: 'Delivered', isMain: payment === 'paid' },
    !isSeller && fulfilledBy.length > 0 && { id: 'complete', text: 'Received, complete', isMain: true },
    cancelBy === undefined && payment !== 'paid' && { id: 'cancel', text: 'Propose to cancel', isMain: false },
    offer.terms.payment?.moderator !== undefined && { id: 'dispute', text: 'Dispute', isMain: false },
  ]
  return all.filter((step) => step !== false)
}

/** Does it; what a request for payment says is asked for first, elsewhere. Rejects as the SDK's verbs do. */
export const settle = async (
  { offers }: Client,
  offer: Offer,
  deal: OfferDeal,
  id: Exclude<Next['id'], 'request'>,
): Promise<void> => {
  const options = { deal: deal.id }
  const verbs = {
    report: () => offers.reportPayment(offer.id, {}, options),
    confirm: () => offers.confirmPayment(offer.id, {}, options),
    fulfil: () => offers.fulfil(offer.id, {}, options),
    complete: () => offers.complete(offer.id, options),
    cancel: () => offers.cancel(offer.id, options),
    'agree-to-cancel': () => offers.cancel(offer.id, options),
    dispute: () => offers.dispute(offer.id, {}, options),
  }
  await verbs[id]()
}
