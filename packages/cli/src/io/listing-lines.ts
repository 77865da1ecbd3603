import type { ListingView } from '../methods/listing-types.ts'
import { amount, short, shortId } from './offer-lines.ts'
import { indented, oneLine } from './text.ts'

export const listingFields = (view: ListingView): object => ({ ...view, short: shortId(view.id) })

/** One line: short id, state, title and what is left of each item. */
export const listingLine = ({ id, state, here, title, left }: ListingView): string => {
  const pieces = left.map(({ available, stock }) => `${available} of ${stock}`).join(', ')
  const where = here ? '' : '(another device) '
  return `${short(id)} ${state === 'open' ? '' : `(${state}) `}${where}${oneLine(title)}: ${pieces} left`
}

export const listingText = (view: ListingView): string => {
  const lines = view.items.map(({ id, title, unitPrice }, i) => {
    const { available = 0, reserved = 0, sold = 0 } = view.left[i] ?? {}
    const price = unitPrice === undefined ? '' : ` @ ${amount(unitPrice)}`
    return `  ${oneLine(id)}. ${oneLine(title)}${price}: ${available} left, ${reserved} reserved, ${sold} sold`
  })
  const head = `${short(view.id)} ${oneLine(view.title)} (${view.state}, version ${view.version})`
  const where = view.here ? [] : [`Sold by another of your devices: ${view.device}`]
  return [head, ...where, ...lines, ...(view.text === undefined ? [] : ['', indented(view.text)])].join('\n')
}
