import { patienceOf } from '../../command/common.ts'
import { defineCommand } from '../../command/define.ts'
import { listingFields, listingText } from '../../io/listing-lines.ts'
import { LISTING_ARG } from '../../io/listing-options.ts'

export const listingGive = defineCommand({
  name: 'listing give',
  description: 'Let another of your devices sell a listing; this one sells nothing more of it',
  args: {
    listing: LISTING_ARG,
    device: { description: 'The name of a device, its id, or the beginning of its id' },
  },
  options: {},
  example: 'dchat listing give 3f9a2c1b laptop',
  run: async ({ listing, device }, { session, out, globals, signal }) => {
    const { call } = await session()
    const { patience } = patienceOf(globals)
    const params = { listing, device, ...(patience === undefined ? {} : { patience }) }
    const view = await call('listing.give', params, { signal })
    await out.result(listingFields(view), listingText(view))
  },
})

export const listingTake = defineCommand({
  name: 'listing take',
  description: 'Sell a listing on this device: one that another sells, one of a lost device, or one from a backup',
  args: { listing: LISTING_ARG },
  options: {
    uncounted: { type: 'flag', description: 'Though this device cannot know what was agreed in offers that it missed' },
  },
  example: 'dchat listing take 3f9a2c1b',
  run: async ({ listing, uncounted }, { session, out, globals, signal }) => {
    const { call } = await session()
    const params = { listing, ...(uncounted === true ? { uncounted } : {}), ...patienceOf(globals) }
    const view = await call('listing.take', params, { signal })
    await out.result(listingFields(view), listingText(view))
  },
})
