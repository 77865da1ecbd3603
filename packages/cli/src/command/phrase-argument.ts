import { DchatError } from '@dchat/sdk/errors'
import type { Context } from './context.ts'

/** The option that names where the recovery phrase stands. */
export const PHRASE_OPTION = {
  type: 'text',
  placeholder: 'P|-',
  description: 'Read the phrase from a file or stdin',
} as const

/** From a file, from stdin, or asked on the terminal. Throws `usage/invalid-argument` where there is none of them. */
export const phraseOf = async (file: string | undefined, context: Context): Promise<string> => {
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
