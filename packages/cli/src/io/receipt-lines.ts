import type { VerifiedReceipt } from '@dchat/sdk'
import { amount, itemsText, short } from './offer-lines.ts'
import type { Style } from './text.ts'

const iso = (ms: number): string => new Date(ms).toISOString()

/** The fields of `offer verify`. Addresses are whole: who checks a receipt knows none of the people. */
export const verifiedFields = ({ deal, terms, parties, steps, thread }: VerifiedReceipt): object => ({
  offer: thread.id,
  deal: deal.id,
  state: deal.state,
  payment: deal.payment,
  ...(deal.agreedAt === undefined ? {} : { agreed_at: iso(deal.agreedAt) }),
  parties,
  terms,
  steps: steps.map(({ event, acceptedAt, relay, revoked }) => ({
    event: event.id,
    step: event.type,
    author: event.author,
    device: event.device,
    accepted_at: iso(acceptedAt),
    relay,
    ...(revoked ? { revoked } : {}),
  })),
})

/** What a receipt proves, and by whose word. */
export const verifiedText = ({ deal, terms, parties, steps }: VerifiedReceipt, style: Style): string => {
  const relays = [...new Set(steps.map(({ relay }) => relay))]
  return [
    `${style.bold('The receipt holds.')} ${deal.state}, payment: ${deal.payment}`,
    `  ${itemsText(terms.items)}, ${amount(terms.price.total)}`,
    ...parties.map((party) => `  between ${party}`),
    ...steps.map(({ event, acceptedAt, revoked }) => {
      const sum = event.terms === undefined ? '' : `  ${amount(event.terms.price.total)}`
      const mark = revoked ? '  (by a device that was revoked)' : ''
      return `  ${iso(acceptedAt)}  ${short(event.id)}  ${String(event.type)}${sum}  ${event.author}${mark}`
    }),
    ...relays.map((key) => `  The times are the word of the relay with the key ${key}.`),
  ].join('\n')
}
