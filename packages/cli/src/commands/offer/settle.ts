import { randomUUID } from 'node:crypto'
import { CLIENT_ID_OPTION, OFFER_ARG, patienceOf, WAIT_OPTION } from '../../command/common.ts'
import { defineCommand } from '../../command/define.ts'
import { stepFields } from '../../io/offer-lines.ts'

const STEPS = {
  'request-payment': 'pay_request',
  'report-payment': 'pay_submitted',
  'confirm-payment': 'pay_confirmed',
  fulfil: 'fulfilled',
  complete: 'complete',
  cancel: 'cancel',
  dispute: 'dispute',
  resolve: 'resolve',
} as const

type Step = keyof typeof STEPS

export const offerSettle = defineCommand({
  name: 'offer settle',
  description: 'Record how a deal goes on: payment, delivery, completion, cancelling, disputes',
  args: {
    offer: OFFER_ARG,
    step: { description: `One of ${Object.keys(STEPS).join(', ')}` },
  },
  options: {
    deal: { type: 'text', placeholder: 'ID', description: 'Which of several deals' },
    note: { type: 'text', placeholder: 'TEXT', description: 'A few words with it' },
    uri: { type: 'text', placeholder: 'URI', description: 'Where to pay' },
    reference: { type: 'text', placeholder: 'TEXT', description: 'What the payment is to be known by' },
    reason: { type: 'text', placeholder: 'CODE', description: 'Why, as a reason code such as payment_failed' },
    outcome: {
      type: 'text',
      placeholder: 'WHAT',
      choices: ['release', 'refund', 'split'],
      description: 'What the moderator decides, with resolve',
    },
    'client-id': CLIENT_ID_OPTION,
    wait: WAIT_OPTION,
  },
  example: 'dchat offer settle 3f9a2c1b confirm-payment',
  run: async (values, { session, out, globals, signal }) => {
    const { DchatError } = await import('@dchat/sdk/errors')
    const {
      offer,
      step: name,
      deal,
      note,
      uri,
      reference,
      reason,
      outcome,
      wait = 'sent',
      'client-id': clientId,
    } = values
    if (!Object.hasOwn(STEPS, name))
      throw new DchatError('usage/invalid-argument', {
        name: 'step',
        reason: `it is one of ${Object.keys(STEPS).join(', ')}`,
      })
    const { call } = await session()
    const params = {
      offer,
      step: STEPS[name as Step],
      wait,
      ...(deal === undefined ? {} : { deal }),
      ...(note === undefined ? {} : { note }),
      ...(uri === undefined ? {} : { uri }),
      ...(reference === undefined ? {} : { reference }),
      ...(reason === undefined ? {} : { reason }),
      ...(outcome === undefined ? {} : { outcome }),
      clientId: clientId ?? randomUUID(),
      ...patienceOf(globals),
    }
    const done = await call('offer.settle', params, { signal })
    await out.result(stepFields(done), 'Recorded.')
  },
})
