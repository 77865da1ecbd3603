import { DchatError } from '@dchat/sdk/errors'
import type { Context } from '../command/context.ts'
import type { PassphraseFlags } from './secrets.ts'

export interface NewSecret {
  /** Such as `--backup-passphrase`. */
  readonly flag: string
  /** What is asked on a terminal. */
  readonly question: string
  /** Asks again: a typing mistake would be found when it is too late. */
  readonly twice: boolean
}

/** A secret by its flags, or from the person at the terminal. Throws `usage/invalid-argument` where there is neither. */
export const secretFor = async (
  flags: PassphraseFlags,
  { flag, question, twice }: NewSecret,
  context: Context,
): Promise<string> => {
  const { readFlagged } = await import('./secrets.ts')
  const given = await readFlagged(flags, flag, context.stdin)
  if (given !== undefined) return given
  const { host, globals, signal } = context
  if (globals['no-input'] || host.stdin.isTTY !== true)
    throw new DchatError(
      'usage/invalid-argument',
      { name: `${flag}-file`, reason: 'it is missing' },
      { hint: `Name a file by ${flag}-file, or pipe it with ${flag}-file -.` },
    )
  const { askSecret } = await import('./prompt.ts')
  const input = context.stdin('the terminal')
  const secret = await askSecret(`${question} (not shown): `, input, host.stderr, signal)
  if (secret === '') throw new DchatError('usage/invalid-argument', { name: flag, reason: 'it is empty' })
  if (twice && (await askSecret('The same again: ', input, host.stderr, signal)) !== secret)
    throw new DchatError('usage/invalid-argument', { name: flag, reason: 'it was not the same both times' })
  return secret
}
