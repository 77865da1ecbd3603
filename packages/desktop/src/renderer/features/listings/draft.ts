import type { Listing, ListingDraft } from '@dchat/sdk'
import { decimal } from '../../lib/decimal.ts'
import { typedMoney } from '../../state/typed-money.ts'

/** An item as somebody types it. */
export interface ItemDraft {
  /** That of the item it was; absent for a new one. */
  readonly id?: string
  title: string
  price: string
  stock: string
}

/** A listing as somebody types it. */
export interface Draft {
  title: string
  currency: string
  text: string
  items: ItemDraft[]
}

export const emptyDraft = (): Draft => ({
  title: '',
  currency: 'EUR',
  text: '',
  items: [{ title: '', price: '', stock: '1' }],
})

export const draftOf = ({ title, text = '', items }: Listing): Draft => ({
  title,
  text,
  currency: items.find(({ unitPrice }) => unitPrice !== undefined)?.unitPrice?.currency ?? 'EUR',
  items: items.map(({ id, title: name, unitPrice, stock }) => ({
    id,
    title: name,
    price: unitPrice === undefined ? '' : decimal(unitPrice),
    stock: String(stock),
  })),
})

/** What keeps an item from being listed; undefined if nothing does. */
export const faultOf = ({ title, price, stock }: ItemDraft, currency: string): string | undefined => {
  if (title.trim() === '') return 'Say what it is.'
  if (typedMoney(price, currency) === undefined) return 'Write a price like 120.00.'
  return /^(0|[1-9][0-9]{0,8})$/.test(stock.trim()) ? undefined : 'A stock is a whole number.'
}

/** What the SDK takes; undefined while something is missing. */
export const listingOf = ({ title, currency, text, items }: Draft): ListingDraft | undefined => {
  if (title.trim() === '' || items.some((item) => faultOf(item, currency) !== undefined)) return undefined
  return {
    title: title.trim(),
    ...(text.trim() === '' ? {} : { text: text.trim() }),
    items: items.map(({ id, title: name, price, stock }) => {
      const unitPrice = typedMoney(price, currency)
      return {
        ...(id === undefined ? {} : { id }),
        title: name.trim(),
        stock: Number(stock),
        ...(unitPrice === undefined ? {} : { unitPrice }),
      }
    }),
  }
}
