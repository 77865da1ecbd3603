import { randomUUID } from 'node:crypto'
import { CLIENT_ID_OPTION, PERSON, patienceOf, WAIT_OPTION } from '../../command/common.ts'
import { defineCommand } from '../../command/define.ts'
import { TAKE_OPTION, takeOf } from '../../io/listing-options.ts'
import { short, stepFields } from '../../io/offer-lines.ts'
import { TERMS_OPTIONS, termsOf } from '../../io/offer-terms.ts'

export const offerMake = defineCommand({
  name: 'offer make',
  description: 'Make an offer to a person, or to everybody in a group',
  args: { chat: { description: `${PERSON}, or a group` } },
  options: {
    ...TERMS_OPTIONS,
    role: {
      type: 'text',
      placeholder: 'ROLE',
      choices: ['sell', 'buy', 'service', 'swap'],
      description: 'What you do in it (default: sell)',
    },
    to: {
      type: 'texts',
      placeholder: 'PERSON',
      description: 'In a group: to this person alone; several times for several',
    },
    takers: {
      type: 'whole',
      placeholder: 'N',
      min: 1,
      max: 1_000_000,
      description: 'So many may accept, the first ones',
    },
    sign: {
      type: 'whole',
      placeholder: 'K',
      min: 2,
      max: 200,
      description: 'K of those named by --to sign the same terms, you among them',
    },
    moderator: { type: 'text', placeholder: 'PERSON', description: 'Who decides if there is a dispute' },
    firm: { type: 'flag', description: 'It cannot be withdrawn' },
    listing: {
      type: 'text',
      placeholder: 'ID',
      description: 'Out of a listing of your own, with its prices and terms',
    },
    take: TAKE_OPTION,
    'client-id': CLIENT_ID_OPTION,
    wait: WAIT_OPTION,
  },
  example: "dchat offer make bob --item '2 x Chair @ EUR 60.00' --expires 24h",
  run: async (values, { session, out, globals, signal }) => {
    const {
      chat,
      role,
      to,
      takers,
      sign,
      moderator,
      firm,
      listing,
      take,
      wait = 'sent',
      'client-id': clientId,
    } = values
    const { call } = await session()
    const terms = {
      ...(await termsOf(values)),
      ...(role === undefined ? {} : { role }),
      ...(to.length === 0 ? {} : { parties: to }),
      ...(takers === undefined ? {} : { takers }),
      ...(sign === undefined ? {} : { threshold: sign }),
      ...(moderator === undefined ? {} : { moderator }),
      ...(firm ? { revocable: false } : {}),
      ...(listing === undefined ? {} : { from: { listing, take: take.map(takeOf) } }),
    }
    const params = { chat, terms, wait, clientId: clientId ?? randomUUID(), ...patienceOf(globals) }
    const step = await call('offer.make', params, { signal })
    await out.result(stepFields(step), `Offered: ${short(step.event)}`)
  },
})
