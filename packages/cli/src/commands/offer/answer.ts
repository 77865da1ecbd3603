import { randomUUID } from 'node:crypto'
import { CLIENT_ID_OPTION, OFFER_ARG, patienceOf, WAIT_OPTION } from '../../command/common.ts'
import { defineCommand } from '../../command/define.ts'
import { stepFields } from '../../io/offer-lines.ts'

/** Answers that say yes or no and nothing else. */
const answer = (name: 'accept' | 'decline' | 'withdraw', description: string, done: string) =>
  defineCommand({
    name: `offer ${name}`,
    description,
    args: { offer: OFFER_ARG },
    options: {
      reason: { type: 'text', placeholder: 'CODE', description: 'Why, as a reason code such as price_deviation' },
      'client-id': CLIENT_ID_OPTION,
      wait: WAIT_OPTION,
    },
    example: `dchat offer ${name} 3f9a2c1b`,
    run: async ({ offer, reason, wait = 'sent', 'client-id': clientId }, { session, out, globals, signal }) => {
      const { call } = await session()
      const params = {
        offer,
        answer: name,
        wait,
        ...(reason === undefined ? {} : { reason }),
        clientId: clientId ?? randomUUID(),
        ...patienceOf(globals),
      }
      const step = await call('offer.answer', params, { signal })
      await out.result(stepFields(step), done)
    },
  })

export const offerAccept = answer('accept', 'Accept an offer: the terms at that id, or none', 'Accepted.')
export const offerDecline = answer('decline', 'Decline an offer', 'Declined.')
export const offerWithdraw = answer('withdraw', 'Withdraw an offer of your own', 'Withdrawn.')
