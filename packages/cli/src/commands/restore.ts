import { defineCommand } from '../command/define.ts'
import { PHRASE_OPTION, phraseOf } from '../command/phrase-argument.ts'

export const restore = defineCommand({
  name: 'restore',
  description: 'Bring an identity back from its recovery phrase',
  args: {},
  options: {
    'phrase-file': PHRASE_OPTION,
  },
  example: 'dchat restore --relay wss://relay.example --phrase-file phrase.txt',
  run: async (values, context) => {
    const phrase = await phraseOf(values['phrase-file'], context)
    const { makeProfile } = await import('../session/make-profile.ts')
    await makeProfile(context, { phrase, phraseFile: undefined, showPhrase: false, invitation: undefined })
  },
})
