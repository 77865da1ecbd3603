import { CLIENT_ID_OPTION } from '../../command/common.ts'
import { defineCommand } from '../../command/define.ts'
import { listingFields } from '../../io/listing-lines.ts'
import { short } from '../../io/offer-lines.ts'
import { TERMS_OPTIONS, termsOf } from '../../io/offer-terms.ts'

export const listingCreate = defineCommand({
  name: 'listing create',
  description: 'List something for sale, with as many pieces as there are',
  args: { title: { description: 'What it is called' } },
  options: {
    item: { ...TERMS_OPTIONS.item, description: "An item with its stock, such as '5 x Chair @ EUR 60.00'" },
    currency: TERMS_OPTIONS.currency,
    expires: TERMS_OPTIONS.expires,
    text: TERMS_OPTIONS.text,
    'client-id': CLIENT_ID_OPTION,
  },
  example: "dchat listing create Chairs --item '5 x Chair @ EUR 60.00'",
  run: async (values, { session, out, signal }) => {
    const { title, 'client-id': clientId } = values
    const { items = [], expiresIn, text } = await termsOf({ ...values, price: undefined })
    const draft = {
      title,
      items: items.map(({ quantity = 1, ...item }) => ({ ...item, stock: quantity })),
      ...(expiresIn === undefined ? {} : { terms: { expiresIn } }),
      ...(text === undefined ? {} : { text }),
    }
    const { call } = await session()
    const view = await call('listing.create', { draft, ...(clientId === undefined ? {} : { clientId }) }, { signal })
    await out.result(listingFields(view), `Listed: ${short(view.id)}`)
  },
})
