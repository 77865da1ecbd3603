import { patienceOf } from '../../command/common.ts'
import { defineCommand } from '../../command/define.ts'
import { PHRASE_OPTION, phraseOf } from '../../command/phrase-argument.ts'

const URL = { description: 'The address of the relay, ws:// or wss://' } as const

interface Verb {
  readonly name: 'add' | 'remove' | 'use'
  readonly description: string
  readonly example: string
}

/** What the three commands that change the home relays share; they differ in their verb. */
const homeCommand = ({ name, ...words }: Verb) =>
  defineCommand({
    ...words,
    name: `relay ${name}`,
    args: { url: URL },
    options: {
      'phrase-file': PHRASE_OPTION,
      lost: { type: 'flag', description: 'None of your home relays answers, and none will come back' },
    },
    run: async ({ url, lost, 'phrase-file': file }, context) => {
      const { session, out, globals, signal } = context
      const phrase = file === undefined ? {} : { phrase: await phraseOf(file, context) }
      const { patience } = patienceOf(globals)
      const { call } = await session()
      const params = { relay: url, lost, ...phrase, ...(patience === undefined ? {} : { patience }) }
      const { relays } = await call(`relay.${name}`, params, { signal })
      await out.result({ relays }, `You are at home at ${relays.join(', ')}.`)
    },
  })

export const relayAdd = homeCommand({
  name: 'add',
  description: 'Be at home at one more relay, of 3 at most',
  example: 'dchat relay add wss://relay.example',
})

export const relayRemove = homeCommand({
  name: 'remove',
  description: 'Leave a home relay; what arrives there is read for 30 more days',
  example: 'dchat relay remove wss://relay.example',
})

export const relayUse = homeCommand({
  name: 'use',
  description: 'Make a relay your first one, which keeps new conversations',
  example: 'dchat relay use wss://relay.example',
})
