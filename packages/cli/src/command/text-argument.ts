import { DchatError } from '@dchat/sdk/errors'
import type { Context } from './context.ts'

export const invalid = (name: string, reason: string): DchatError =>
  new DchatError('usage/invalid-argument', { name, reason })

/** The words of a message: as they stand in the argument, or all of stdin for `-`. Throws usage errors. */
export const textOf = async (text: string | undefined, context: Context): Promise<string> => {
  if (text === undefined) throw invalid('text', 'it is missing; give the text, or - to read it from stdin')
  const said = text === '-' ? await fromStdin(context) : text
  if (said === '') throw invalid('text', 'it is empty')
  return said
}

const fromStdin = async (context: Context): Promise<string> => {
  const { readText } = await import('../io/read-text.ts')
  return readText(context.stdin('the text "-"'))
}
