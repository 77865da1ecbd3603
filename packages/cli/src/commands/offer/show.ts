import { OFFER_ARG, patienceOf } from '../../command/common.ts'
import { defineCommand } from '../../command/define.ts'
import { offerFields, offerText } from '../../io/offer-lines.ts'

export const offerShow = defineCommand({
  name: 'offer show',
  description: 'Show an offer as it stands, with everything that led there',
  args: { offer: OFFER_ARG },
  options: { offline: { type: 'flag', description: 'Only what is stored here; no relay is asked' } },
  example: 'dchat offer show 3f9a2c1b',
  run: async ({ offer, offline }, { session, out, globals, signal }) => {
    const { call } = await session()
    const view = await call('offer.show', { offer, offline, ...patienceOf(globals) }, { signal })
    await out.result(offerFields(view), offerText(view, out.style))
  },
})
