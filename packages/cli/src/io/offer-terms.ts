import type { Money } from '@dchat/sdk'
import { DchatError } from '@dchat/sdk/errors'
import type { NamedTerms } from '../methods/offer-types.ts'
import { parseTimer } from './duration.ts'

/** What the options of `offer make` and `offer counter` say of terms. */
export interface TermsFlags {
  readonly item: readonly string[]
  readonly price: string | undefined
  readonly currency: string | undefined
  readonly expires: string | undefined
  readonly text: string | undefined
}

export const TERMS_OPTIONS = {
  item: {
    type: 'texts',
    placeholder: 'ITEM',
    description: "What it is about, such as '2 x Chair @ 60.00'; several times for several things",
  },
  price: {
    type: 'text',
    placeholder: 'AMOUNT',
    description: "The total, such as 'EUR 120.00', where items have no price",
  },
  currency: { type: 'text', placeholder: 'CODE', description: 'The currency of amounts that name none, such as EUR' },
  expires: { type: 'text', placeholder: 'TIME', description: 'How long it can be answered: 10m to 30d (default 24h)' },
  text: { type: 'text', placeholder: 'TEXT', description: 'More terms, in Markdown' },
} as const

const ITEM = /^(?:(\d{1,9})\s*[x×]\s+)?(.+?)(?:\s+@\s*([^@]+))?$/i
const CODE = /[A-Z][A-Z0-9]{1,11}/i

type Parse = (text: string, currency?: string) => Money

const itemOf = (text: string, currency: string | undefined, parse: Parse) => {
  const [, quantity, title, price] = ITEM.exec(text.trim()) ?? []
  if (title === undefined)
    throw new DchatError('usage/invalid-argument', {
      name: '--item',
      reason: "it is not an item like '2 x Chair @ 60.00'",
    })
  return {
    title,
    quantity: quantity === undefined ? 1 : Number(quantity),
    ...(price === undefined ? {} : { unitPrice: parse(price, currency) }),
  }
}

/** One currency for all amounts: the one that is named anywhere. */
const currencyOf = ({ item, price, currency }: TermsFlags): string | undefined => {
  const amounts = [price, ...item.map((text) => ITEM.exec(text.trim())?.[3])]
  const named = amounts.map((amount) => (amount === undefined ? undefined : CODE.exec(amount)?.[0])).find(Boolean)
  return (currency ?? named)?.toUpperCase()
}

/** Throws `usage/invalid-argument`; what does not fit together is found where the terms are signed. */
export const termsOf = async (flags: TermsFlags): Promise<NamedTerms> => {
  const { parseMoney } = await import('@dchat/sdk')
  const { item, price, expires, text } = flags
  const currency = currencyOf(flags)
  return {
    ...(item.length === 0 ? {} : { items: item.map((one) => itemOf(one, currency, parseMoney)) }),
    ...(price === undefined ? {} : { price: { total: parseMoney(price, currency) } }),
    ...(expires === undefined ? {} : { expiresIn: parseTimer(expires, '--expires') }),
    ...(text === undefined ? {} : { text }),
  }
}
