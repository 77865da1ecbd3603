import { defineCommand } from '../../command/define.ts'
import { listingFields, listingText } from '../../io/listing-lines.ts'
import { LISTING_ARG } from '../../io/listing-options.ts'

const named = (name: 'show' | 'close', description: string) =>
  defineCommand({
    name: `listing ${name}`,
    description,
    args: { listing: LISTING_ARG },
    options: {},
    example: `dchat listing ${name} 3f9a2c1b`,
    run: async ({ listing }, { session, out, signal }) => {
      const { call } = await session()
      const view = await call(`listing.${name}`, { listing }, { signal })
      await out.result(listingFields(view), listingText(view))
    },
  })

export const listingShow = named('show', 'Show a listing: its items, and how many are left, reserved and sold')
export const listingClose = named('close', 'Sell nothing more of a listing; deals that stand stay')
