import { defineCommand } from '../../command/define.ts'
import { listingFields, listingText } from '../../io/listing-lines.ts'
import { LISTING_ARG, STOCK_OPTION, stockOf } from '../../io/listing-options.ts'
import { TERMS_OPTIONS, termsOf } from '../../io/offer-terms.ts'

export const listingEdit = defineCommand({
  name: 'listing edit',
  description: 'Change a listing; offers that were made from it stay as they are',
  args: { listing: LISTING_ARG },
  options: {
    title: { type: 'text', placeholder: 'TEXT', description: 'What it is called' },
    item: { ...TERMS_OPTIONS.item, description: "All items anew, such as '5 x Chair @ EUR 60.00'" },
    stock: STOCK_OPTION,
    currency: TERMS_OPTIONS.currency,
    expires: TERMS_OPTIONS.expires,
    text: TERMS_OPTIONS.text,
  },
  example: 'dchat listing edit 3f9a2c1b --stock 8',
  run: async (values, { session, out, signal }) => {
    const { listing, title, stock } = values
    const { items, expiresIn, text } = await termsOf({ ...values, price: undefined })
    const changes = {
      ...(title === undefined ? {} : { title }),
      ...(items === undefined
        ? {}
        : { items: items.map(({ quantity = 1, ...item }) => ({ ...item, stock: quantity })) }),
      ...(expiresIn === undefined ? {} : { terms: { expiresIn } }),
      ...(text === undefined ? {} : { text }),
    }
    const { call } = await session()
    const view = await call('listing.edit', { listing, changes, stock: stock.map(stockOf) }, { signal })
    await out.result(listingFields(view), listingText(view))
  },
})
