import { patienceOf } from '../../command/common.ts'
import type { Context } from '../../command/context.ts'
import { defineCommand } from '../../command/define.ts'
import { INVITATION_OPTION, invitationOf } from '../../command/invitation-option.ts'
import { PHRASE_OPTION, phraseOf } from '../../command/phrase-argument.ts'

const URL = { description: 'The address of the relay, ws:// or wss://' } as const

interface Verb {
  readonly name: 'add' | 'remove' | 'use'
  readonly description: string
  readonly example: string
}

const OPTIONS = {
  'phrase-file': PHRASE_OPTION,
  lost: { type: 'flag', description: 'None of your home relays answers, and none will come back' },
} as const

interface Wish {
  readonly url: string
  readonly lost: boolean
  readonly 'phrase-file': string | undefined
}

const change = async (name: Verb['name'], wish: Wish, context: Context): Promise<void> => {
  const { url, lost, 'phrase-file': file } = wish
  const { session, out, globals, signal } = context
  const phrase = file === undefined ? {} : { phrase: await phraseOf(file, context) }
  const { patience } = patienceOf(globals)
  const { call } = await session()
  const params = { relay: url, lost, ...phrase, ...(patience === undefined ? {} : { patience }) }
  const { relays } = await call(`relay.${name}`, params, { signal })
  await out.result({ relays }, `You are at home at ${relays.join(', ')}.`)
}

/** What the commands that change the home relays share; they differ in their verb. */
const homeCommand = ({ name, ...words }: Verb) =>
  defineCommand({
    ...words,
    name: `relay ${name}`,
    args: { url: URL },
    options: OPTIONS,
    run: (wish, context) => change(name, wish, context),
  })

export const relayAdd = defineCommand({
  name: 'relay add',
  description: 'Be at home at one more relay, of 3 at most',
  args: { url: URL },
  options: { ...OPTIONS, invitation: INVITATION_OPTION },
  example: 'dchat relay add wss://relay.example',
  run: async ({ invitation: file, ...wish }, context) => {
    const invitation = await invitationOf(file, context)
    if (invitation !== undefined) {
      const { call } = await context.session()
      await call('relay.join', { invitation }, { signal: context.signal })
    }
    await change('add', wish, context)
  },
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
