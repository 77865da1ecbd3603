import type { OfferRole, Terms, TermsDraft } from '@dchat/sdk'
import { decimal } from '../../lib/decimal.ts'
import { typedMoney } from '../../state/typed-money.ts'

/** An item as somebody types it. */
export interface ItemDraft {
  title: string
  quantity: string
}

/** An offer as somebody types it. Amounts and numbers are text until it is read. */
export interface OfferDraft {
  role: OfferRole
  items: ItemDraft[]
  total: string
  currency: string
  /** Seconds. */
  expiresIn: number
  text: string
}

export const EXPIRIES = [
  { value: '3600', label: '1 hour' },
  { value: '86400', label: '1 day' },
  { value: '259200', label: '3 days' },
  { value: '604800', label: '1 week' },
  { value: '2592000', label: '30 days' },
] as const

export const emptyDraft = (currency = 'EUR'): OfferDraft => ({
  role: 'sell',
  items: [{ title: '', quantity: '1' }],
  total: '',
  currency,
  expiresIn: 86_400,
  text: '',
})

/** The live terms, to be changed. */
export const draftOf = ({ role, items, price: { total }, expiresIn, text = '' }: Terms): OfferDraft => ({
  role,
  items: items.map(({ title, quantity }) => ({ title, quantity: String(quantity) })),
  total: decimal(total),
  currency: total.currency,
  expiresIn,
  text,
})

export interface Faults {
  items?: string
  total?: string
}

/** What keeps it from being sent, by field; none if there is nothing. */
export const faultsOf = (draft: OfferDraft): Faults => {
  const faults: Faults = {}
  if (draft.items.every(({ title }) => title.trim() === '')) faults.items = 'Say what it is about.'
  else if (draft.items.some(({ quantity }) => !/^[1-9][0-9]{0,8}$/.test(quantity.trim())))
    faults.items = 'A quantity is a whole number, 1 or more.'
  if (typedMoney(draft.total, draft.currency) === undefined) faults.total = `Write an amount like 120.00.`
  return faults
}

/**
 * What is sent. A counter names only what it changes, so that every term that was not touched stays as it is signed:
 * `before` are the live terms then.
 */
export const termsOf = (draft: OfferDraft, before?: Terms): TermsDraft => {
  const total = typedMoney(draft.total, draft.currency)
  const items = draft.items
    .filter(({ title }) => title.trim() !== '')
    .map(({ title, quantity }, place) => {
      const was = before?.items[place]
      const same = was !== undefined && was.title === title.trim()
      return { ...(same ? was : { title: title.trim() }), quantity: Number(quantity) }
    })
  const old = before === undefined ? undefined : draftOf(before)
  const text = draft.text.trim()
  return {
    ...(before === undefined ? { role: draft.role } : {}),
    ...(JSON.stringify(draft.items) === JSON.stringify(old?.items) ? {} : { items }),
    ...(total === undefined || draft.total === old?.total ? {} : { price: { total } }),
    ...(draft.expiresIn === old?.expiresIn ? {} : { expiresIn: draft.expiresIn }),
    ...(text === (old?.text ?? '') ? {} : { text }),
  }
}

/** What a counter changes, in words: shown before it is sent. */
export const differencesOf = (
  before: Terms,
  draft: OfferDraft,
): readonly { what: string; from: string; to: string }[] => {
  const old = draftOf(before)
  const items = (from: OfferDraft) => from.items.map(({ title, quantity }) => `${quantity} × ${title}`).join(', ')
  const expiry = (seconds: number) =>
    EXPIRIES.find(({ value }) => Number(value) === seconds)?.label ?? `${Math.round(seconds / 60)} minutes`
  return [
    { what: 'Total', from: `${old.total} ${old.currency}`, to: `${draft.total} ${draft.currency}` },
    { what: 'Items', from: items(old), to: items(draft) },
    { what: 'Time to answer', from: expiry(old.expiresIn), to: expiry(draft.expiresIn) },
    { what: 'Note', from: old.text, to: draft.text.trim() },
  ].filter(({ from, to }) => from !== to)
}
