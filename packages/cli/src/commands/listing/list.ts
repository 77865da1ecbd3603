import { defineCommand } from '../../command/define.ts'
import { listingFields, listingLine } from '../../io/listing-lines.ts'

export const listingList = defineCommand({
  name: 'listing list',
  description: 'List what you sell, with what is left',
  args: {},
  options: {},
  example: 'dchat listing list',
  run: async (_, { session, out, signal }) => {
    const { stream } = await session()
    for await (const view of stream('listing.list', {}, { signal }))
      await out.item('listing', listingFields(view), listingLine(view))
    await out.end()
  },
})
