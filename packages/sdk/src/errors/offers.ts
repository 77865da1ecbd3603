import type { ErrorRow } from './row.ts'

/** What can go wrong with trade offers: the data of each code. */
export interface OfferErrors {
  'offer/unknown': { offer: string }
  'offer/superseded': { offer: string; head: string }
  'offer/not-open': { offer: string; state: string }
  'offer/expired': { offer: string; expiredAt: number }
  'offer/not-yours': { offer: string; reason: string }
  'offer/bad-terms': { reason: string }
  'offer/unread-terms': { offer: string; fields: readonly string[] }
  'offer/out-of-stock': { listing: string; available: number }
  'offer/unknown-listing': { listing: string }
  'offer/not-for-sale': { listing: string; reason: string }
  'offer/held-elsewhere': { listing: string; device: string }
  'offer/not-counted': { listing: string; reason: string }
  'offer/refused': { offer: string; reason: string }
  'offer/bad-payment': { rail: string; reason: string }
  'offer/payment-trouble': { rail: string }
  'offer/no-receipt': { offer: string; reason: string }
  'offer/bad-receipt': { field: string; reason: string }
}

/** As people say and type it: the beginning of an id. The details keep the whole. */
const short = (id: string): string => (/^[0-9a-f]{32,}$/.test(id) ? `#${id.slice(0, 8)}` : `"${id}"`)

export const OFFER_ERRORS: { readonly [C in keyof OfferErrors]: ErrorRow<OfferErrors[C]> } = {
  'offer/unknown': {
    retryable: false,
    exit: 5,
    describe: ({ offer }) => `There is no offer ${short(offer)}.`,
    remedy: 'List offers with "dchat offer list".',
  },
  'offer/superseded': {
    retryable: false,
    exit: 1,
    describe: ({ head }) => `Something newer has taken the place of what this answers: ${short(head)}.`,
    remedy: 'Look at the newer one and answer that; nothing was changed.',
  },
  'offer/not-open': {
    retryable: false,
    exit: 1,
    describe: ({ state }) => `This step is not open: the offer is ${state}.`,
    remedy: 'Look at the offer as it is now with "dchat offer show"; nothing was changed.',
  },
  'offer/expired': {
    retryable: false,
    exit: 1,
    describe: () => 'The offer expired before, by the clock of its relay.',
    remedy: 'Make a new offer, or ask for one.',
  },
  'offer/not-yours': {
    retryable: false,
    exit: 1,
    describe: ({ reason }) => `This is not yours to do: ${reason}.`,
    remedy: 'Only the other side answers an offer, and only its author withdraws it.',
  },
  'offer/bad-terms': {
    retryable: false,
    exit: 2,
    describe: ({ reason }) => `The terms of the offer are not sound: ${reason}.`,
    remedy: 'Correct the terms; nothing was sent.',
  },
  'offer/unread-terms': {
    retryable: false,
    exit: 1,
    describe: ({ fields }) => `The offer has terms that this version cannot read (${fields.join(', ')}).`,
    remedy: 'Update dchat before you accept, or ask for an offer without them.',
  },
  'offer/out-of-stock': {
    retryable: false,
    exit: 1,
    describe: ({ available }) => `So much is not there any more; ${available} left.`,
    remedy: 'Ask for less, or for another listing.',
  },
  'offer/unknown-listing': {
    retryable: false,
    exit: 1,
    describe: ({ listing }) => `You have no listing ${short(listing)}.`,
    remedy: 'List what you sell with "dchat listing list".',
  },
  'offer/not-for-sale': {
    retryable: false,
    exit: 1,
    describe: ({ reason }) => `Nothing of this listing is sold here: ${reason}.`,
    remedy: 'Look at it with "dchat listing show".',
  },
  'offer/held-elsewhere': {
    retryable: false,
    exit: 10,
    describe: () => 'Another of your devices sells this listing; only that one knows what is left of it.',
    remedy:
      'Sell on that device, or give it away there with "dchat listing give"; "dchat listing take" asks for it from here. Revoke it first if it is lost.',
  },
  'offer/not-counted': {
    retryable: true,
    exit: 1,
    describe: ({ reason }) => `What is left of the listing is not certain, so it is not passed on: ${reason}.`,
    remedy: 'Nothing was changed; try again in a while, when this is over.',
  },
  'offer/refused': {
    retryable: false,
    exit: 1,
    describe: ({ reason }) => `The step counts for nobody (${reason}).`,
    remedy: 'Look at the offer as it is now with "dchat offer show"; nothing was changed.',
  },
  'offer/bad-payment': {
    retryable: false,
    exit: 1,
    describe: ({ rail, reason }) => `The payment by "${rail}" does not fit the deal: ${reason}.`,
    remedy: 'Ask by another way to pay that the terms allow; nothing was asked of the payer.',
  },
  'offer/payment-trouble': {
    retryable: true,
    exit: 3,
    describe: ({ rail }) => `The way to pay "${rail}" could not be asked now.`,
    remedy: 'Try again; the same request goes on, and none is made twice.',
  },
  'offer/no-receipt': {
    retryable: false,
    exit: 1,
    describe: ({ reason }) => `There is no receipt of this offer: ${reason}.`,
    remedy: 'A receipt is there once a deal is agreed, at every device that read all of its steps.',
  },
  'offer/bad-receipt': {
    retryable: false,
    exit: 6,
    describe: ({ field, reason }) => `The receipt of an offer does not hold: ${field}: ${reason}.`,
    remedy: 'Ask the other party for theirs; somebody changed this one, or a relay signed what it must not.',
  },
}
