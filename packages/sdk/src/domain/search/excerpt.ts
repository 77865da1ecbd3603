import type { Term } from './query.ts'
import { type Token, tokensOf } from './tokens.ts'

/** UTF-16 units of an excerpt, about, and of what stands before the first mark. */
const LENGTH = 160
const BEFORE = 40
const MARKS_LIMIT = 100
/** Units at an edge within which a space is looked for, so that words stay whole. */
const EDGE = 16

type Span = readonly [number, number]

export interface Excerpt {
  readonly excerpt: string
  readonly marks: readonly Span[]
}

/** The piece of a token that was asked for; the whole token where folding changed its length. */
const pieces = ({ text, start, end }: Token, wanted: Term['tokens'][number], prefix: boolean): Span[] => {
  const isAligned = end - start === text.length
  const spans: Span[] = []
  if (wanted.loose) {
    for (let at = text.indexOf(wanted.text); at !== -1; at = text.indexOf(wanted.text, at + wanted.text.length))
      spans.push(isAligned ? [start + at, start + at + wanted.text.length] : [start, end])
    return spans
  }
  if (prefix ? !text.startsWith(wanted.text) : text !== wanted.text) return []
  return [[start, isAligned ? start + wanted.text.length : end]]
}

/** Where a term stands in the tokens, as spans of the text. */
const spansOf = (tokens: readonly Token[], { tokens: wanted, prefix }: Term): Span[] => {
  const spans: Span[] = []
  const last = wanted.length - 1
  if (last === 0) {
    for (const token of tokens) spans.push(...pieces(token, wanted[0] as Term['tokens'][number], prefix))
    return spans
  }
  for (let at = 0; at + last < tokens.length; at++) {
    const fits = wanted.every(({ text, loose }, i) => {
      const found = (tokens[at + i] as Token).text
      if (i === 0) return loose ? found.endsWith(text) : found === text
      if (i === last) return loose || prefix ? found.startsWith(text) : found === text
      return found === text
    })
    if (fits) spans.push([(tokens[at] as Token).start, (tokens[at + last] as Token).end])
  }
  return spans
}

const merged = (spans: readonly Span[]): readonly Span[] => {
  const out: [number, number][] = []
  for (const [start, end] of [...spans].sort((a, b) => a[0] - b[0] || b[1] - a[1])) {
    const before = out[out.length - 1]
    if (before !== undefined && start < before[1]) before[1] = Math.max(before[1], end)
    else out.push([start, end])
  }
  return out
}

/** Never between the halves of a character. */
const whole = (words: string, at: number): number =>
  at > 0 && at < words.length && /[\udc00-\udfff]/.test(words[at] as string) ? at - 1 : at

/**
 * Where all terms stand in the words, as spans; undefined where one is missing. `words` are a message as people read it.
 */
export const marksIn = (words: string, terms: readonly Term[]): readonly Span[] | undefined => {
  const tokens = tokensOf(words)
  const spans = terms.map((term) => spansOf(tokens, term))
  return spans.some((found) => found.length === 0) ? undefined : merged(spans.flat())
}

/** One line around the first place that was found; its beginning where nothing was asked for. */
export const excerptOf = (words: string, spans: readonly Span[]): Excerpt => {
  const first = spans[0]?.[0] ?? 0
  let from = first <= BEFORE ? 0 : whole(words, first - BEFORE)
  if (from > 0) {
    const space = words.slice(from, Math.min(from + EDGE, first)).search(/\s/u)
    if (space !== -1) from += space + 1
  }
  let to = Math.min(words.length, from + LENGTH)
  if (to < words.length) {
    to = whole(words, to)
    const space = words.slice(to - EDGE, to).search(/\s\S*$/u)
    if (space !== -1 && to - EDGE + space > (spans[0]?.[1] ?? 0)) to = to - EDGE + space
  }
  const lead = from > 0 ? '…' : ''
  // Of the same length, so that marks stay where they are.
  const line = words.slice(from, to).replace(/[\s\p{Cc}]/gu, ' ')
  const marks = spans
    .filter(([start, end]) => start >= from && start < to && end > from)
    .slice(0, MARKS_LIMIT)
    .map(([start, end]): Span => [start - from + lead.length, Math.min(end, to) - from + lead.length])
  return { excerpt: `${lead}${line}${to < words.length ? '…' : ''}`, marks }
}
