import { randomUUID } from 'node:crypto'
import { CLIENT_ID_OPTION, OFFER_ARG, patienceOf, WAIT_OPTION } from '../../command/common.ts'
import { defineCommand } from '../../command/define.ts'
import { short, stepFields } from '../../io/offer-lines.ts'
import { TERMS_OPTIONS, termsOf } from '../../io/offer-terms.ts'

export const offerCounter = defineCommand({
  name: 'offer counter',
  description: 'Answer an offer with terms of your own; what you leave out stays as it is',
  args: { offer: OFFER_ARG },
  options: { ...TERMS_OPTIONS, 'client-id': CLIENT_ID_OPTION, wait: WAIT_OPTION },
  example: "dchat offer counter 3f9a2c1b --price 'EUR 100.00'",
  run: async (values, { session, out, globals, signal }) => {
    const { offer, wait = 'sent', 'client-id': clientId } = values
    const terms = await termsOf(values)
    const { call } = await session()
    const params = { offer, terms, wait, clientId: clientId ?? randomUUID(), ...patienceOf(globals) }
    const step = await call('offer.counter', params, { signal })
    await out.result(stepFields(step), `Countered: ${short(step.event)}`)
  },
})
