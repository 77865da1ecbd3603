import { DchatError } from '@dchat/sdk/errors'
import type { Context } from '../command/context.ts'
import { defineCommand } from '../command/define.ts'

const phraseOf = async (file: string | undefined, context: Context): Promise<string> => {
  const { readSecret } = await import('../io/secrets.ts')
  if (file !== undefined) return readSecret(file, '--phrase-file', () => context.stdin('--phrase-file'))
  const { host, globals } = context
  if (globals['no-input'] || host.stdin.isTTY !== true)
    throw new DchatError(
      'usage/invalid-argument',
      { name: '--phrase-file', reason: 'it is missing' },
      { hint: 'Name a file with the 24 words by --phrase-file, or pipe them with --phrase-file -.' },
    )
  const { askSecret } = await import('../io/prompt.ts')
  return askSecret(
    'Recovery phrase (24 words, not shown): ',
    context.stdin('the terminal'),
    host.stderr,
    context.signal,
  )
}

export const restore = defineCommand({
  name: 'restore',
  description: 'Bring an identity back from its recovery phrase',
  args: {},
  options: {
    'phrase-file': { type: 'text', placeholder: 'P|-', description: 'Read the phrase from a file or stdin' },
  },
  example: 'dchat restore --relay wss://relay.example --phrase-file phrase.txt',
  run: async (values, context) => {
    const phrase = await phraseOf(values['phrase-file'], context)
    const { makeProfile } = await import('../session/make-profile.ts')
    await makeProfile(context, { phrase, phraseFile: undefined, showPhrase: false })
  },
})
