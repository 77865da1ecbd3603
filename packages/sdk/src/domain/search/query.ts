import { DchatError } from '../../errors.ts'
import { type Token, tokensOf } from './tokens.ts'

const TEXT_LIMIT = 1_000
const TERMS_LIMIT = 32

/** Tokens that must stand one after the other; of the last one a beginning may be enough. */
export interface Term {
  readonly tokens: readonly Pick<Token, 'text' | 'loose'>[]
  readonly prefix: boolean
  /** The same as a piece of the text that a segment holds. */
  readonly needle: string
}

const needleOf = (tokens: Term['tokens'], prefix: boolean): string => {
  const first = tokens[0] as Term['tokens'][number]
  const last = tokens[tokens.length - 1] as Term['tokens'][number]
  const words = tokens.map(({ text }) => text).join(' ')
  return `${first.loose ? '' : ' '}${words}${last.loose || prefix ? '' : ' '}`
}

const termOf = (text: string, prefix: boolean): readonly Term[] => {
  const tokens = tokensOf(text)
  return tokens.length === 0 ? [] : [{ tokens, prefix, needle: needleOf(tokens, prefix) }]
}

/**
 * What is asked for: words between spaces, and phrases in quotes; the last word is also a beginning, and so is the last
 * one of a phrase whose quotes are still open. A word with a hyphen, say, is a phrase of its parts.
 * Throws `usage/invalid-argument` for more than 1,000 characters or 32 words.
 */
export const parseQuery = (text: string): readonly Term[] => {
  const refuse = (reason: string) => new DchatError('usage/invalid-argument', { name: 'text', reason })
  if (text.length > TEXT_LIMIT) throw refuse(`it has at most ${TEXT_LIMIT} characters`)
  const parts = text.split(/["“”„«»]/u)
  const terms = parts.flatMap((part, index) => {
    const isLast = index === parts.length - 1
    if (index % 2 === 1) return termOf(part, isLast)
    const words = part.split(/\s+/u).filter((word) => word.length > 0)
    return words.flatMap((word, at) => termOf(word, isLast && at === words.length - 1))
  })
  if (terms.length > TERMS_LIMIT) throw refuse(`it has at most ${TERMS_LIMIT} words`)
  return terms
}
