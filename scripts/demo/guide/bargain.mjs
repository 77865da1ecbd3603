import { parseMoney } from '../../../packages/sdk/dist/index.js'

/** What the guide sells, and how low it goes. */
const ASKING = parseMoney('EUR 12.00')
const FLOOR = 900n
/** Nobody haggles over less, in minor units. */
const STEP = 25n

const ITEM = 'Postcard of the lighthouse'

/** The offer that begins it. */
export const GOODS = {
  role: 'sell',
  items: [{ title: ITEM, unitPrice: ASKING }],
  expiresIn: 24 * 3600,
  text: 'Make a counter-offer: I am told to haggle.',
}

const price = (minor) => ({ total: { ...ASKING, minor: `${minor}` } })

/** Half of the way down to the floor. */
const nextPrice = (asked) => {
  const next = (asked + FLOOR) / 2n
  return next - FLOOR < STEP ? FLOOR : next
}

const isOurs = ({ items, price: { total } }) =>
  items.length === 1 &&
  items[0].title === ITEM &&
  items[0].quantity === 1 &&
  total.currency === ASKING.currency &&
  total.exponent === ASKING.exponent

/**
 * What the guide does about an offer as it stands: `accept`, `decline`, `counter` with terms, or nothing.
 * @param {import('@dchat/sdk').Offer} offer
 * @param {string} self the guide's address
 */
export const decide = ({ author, history, incomplete, opener, pending, state, terms }, self) => {
  if (state !== 'open' || incomplete || pending.length > 0 || author === self) return { act: 'nothing' }
  // It sells one thing, and buys none.
  if (opener !== self || terms.role !== 'sell') return { act: 'decline' }
  const asked = BigInt(history.findLast((each) => each.author === self)?.terms.price.total.minor ?? ASKING.minor)
  if (!isOurs(terms))
    return {
      act: 'counter',
      terms: { items: GOODS.items, price: price(asked), text: 'One postcard, and nothing else.' },
    }
  if (BigInt(terms.price.total.minor) >= FLOOR) return { act: 'accept' }
  const next = nextPrice(asked)
  const text = next === FLOOR ? 'This is as low as I go.' : 'I can come down a little.'
  return { act: 'counter', terms: { price: price(next), text } }
}
