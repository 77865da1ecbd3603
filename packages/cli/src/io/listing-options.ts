import { DchatError } from '@dchat/sdk/errors'

export const LISTING_ARG = { description: 'The short id of a listing, as "dchat listing list" shows it' } as const

export const TAKE_OPTION = {
  type: 'texts',
  placeholder: '[ITEM=]N',
  description: 'With --listing: so many pieces, of the item with this id where it has several (default: 1)',
} as const

export const STOCK_OPTION = {
  type: 'texts',
  placeholder: '[ITEM=]N',
  description: 'So many pieces for sale, those that are sold by now included; for several items with their ids',
} as const

const COUNT = /^(?:(.{1,64})=)?(\d{1,9})$/

const countOf = (text: string, name: string): { readonly id?: string; readonly count: number } => {
  const [, id, count] = COUNT.exec(text.trim()) ?? []
  if (count === undefined)
    throw new DchatError('usage/invalid-argument', { name, reason: 'it is not a number of pieces' })
  return { count: Number(count), ...(id === undefined ? {} : { id }) }
}

export const takeOf = (text: string): { readonly id?: string; readonly quantity: number } => {
  const { count, ...rest } = countOf(text, '--take')
  return { ...rest, quantity: count }
}

export const stockOf = (text: string): { readonly id?: string; readonly stock: number } => {
  const { count, ...rest } = countOf(text, '--stock')
  return { ...rest, stock: count }
}
