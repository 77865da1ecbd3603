import type { Address } from '@dchat/sdk'
import type { Mentionable } from './mentions.ts'

/** What somebody who writes asks a bot: `@Music blue monday`. */
export interface InlineQuestion {
  readonly bot: Address
  /** As it is called here. */
  readonly name: string
  /** Trimmed. */
  readonly words: string
}

/** The question that a text is: one line that begins with the name of one of these bots. The longest name wins. */
export const questionIn = (text: string, bots: readonly Mentionable[]): InlineQuestion | undefined => {
  if (!text.startsWith('@') || text.includes('\n')) return undefined
  const found = bots
    .filter(({ name }) => begins(text.slice(1), name))
    .toSorted((a, b) => b.name.length - a.name.length)[0]
  return found && { bot: found.address, name: found.name, words: text.slice(1 + found.name.length).trim() }
}

const begins = (text: string, name: string): boolean =>
  text.slice(0, name.length).toLowerCase() === name.toLowerCase() && /^\s/u.test(text.slice(name.length))

export const isSameQuestion = (a: InlineQuestion | undefined, b: InlineQuestion | undefined): boolean =>
  a?.bot === b?.bot && a?.words === b?.words
