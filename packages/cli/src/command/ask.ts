import { DchatError } from '@dchat/sdk/errors'
import type { Context } from './context.ts'

export const YES_OPTION = { type: 'flag', description: 'Do not ask first' } as const

/**
 * Asks before something that is not done by mistake. Throws `usage/invalid-argument` where nobody can be asked: a script
 * says --yes.
 */
export const isMeant = async (
  question: string,
  hint: string,
  { host, globals, stdin, signal }: Pick<Context, 'host' | 'globals' | 'stdin' | 'signal'>,
): Promise<boolean> => {
  if (globals['no-input'] || host.stdin.isTTY !== true)
    throw new DchatError('usage/invalid-argument', { name: '--yes', reason: 'nobody can be asked here' }, { hint })
  const { askYes } = await import('../io/prompt.ts')
  return askYes(question, stdin('the terminal'), host.stderr, signal)
}
