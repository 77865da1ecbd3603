import { patienceOf } from '../../command/common.ts'
import { defineCommand } from '../../command/define.ts'
import { offerFields, offerLine } from '../../io/offer-lines.ts'

export const offerList = defineCommand({
  name: 'offer list',
  usual: true,
  description: 'List offers, the one that changed last first',
  args: { chat: { description: 'Only those in this conversation', optional: true } },
  options: {
    state: {
      type: 'text',
      placeholder: 'STATE',
      choices: ['open', 'taken', 'declined', 'withdrawn', 'expired', 'void'],
      description: 'Only those in this state',
    },
    limit: { type: 'whole', placeholder: 'N', min: 1, max: 1000, description: 'At most so many (default 100)' },
    offline: { type: 'flag', description: 'Only what is stored here; no relay is asked' },
  },
  example: 'dchat offer list --state open',
  run: async ({ chat, state, limit, offline }, { session, out, globals, signal }) => {
    const { stream } = await session()
    const params = {
      offline,
      ...(chat === undefined ? {} : { chat }),
      ...(state === undefined ? {} : { state }),
      ...(limit === undefined ? {} : { limit }),
      ...patienceOf(globals),
    }
    for await (const view of stream('offer.list', params, { signal }))
      await out.item('offer', offerFields(view), offerLine(view, out.style))
    await out.end()
  },
})
