import type { Address, ConversationId } from '../../records/ids.ts'
import { tokensOf } from './tokens.ts'

/** Grows when what a segment holds changes: older ones are made anew. */
const VERSION = 1

/** What search needs of a message. */
export interface Doc {
  readonly place: number
  readonly at: number
  readonly from: Address
  /** As people read it. */
  readonly words: string
}

/**
 * search/<conversation>/<bucket>, scope 'segments': what the messages of a stretch of a conversation say, folded. Holds
 * nothing that does not stand in them.
 */
export interface SegmentRecord {
  readonly version: number
  readonly conversation: ConversationId
  readonly bucket: number
  readonly people: readonly Address[]
  /** In the order of their places; who wrote it is a place in `people`. */
  readonly places: readonly number[]
  readonly times: readonly number[]
  readonly authors: readonly number[]
  /** Each message's words between spaces, ended by a line feed. */
  readonly text: string
}

const textOf = (words: string): string => {
  const tokens = tokensOf(words)
  return ` ${tokens.map(({ text }) => text).join(' ')} \n`
}

/** Docs stand in the order of their places. */
export const makeSegment = (conversation: ConversationId, bucket: number, docs: readonly Doc[]): SegmentRecord => {
  const people = [...new Set(docs.map(({ from }) => from))]
  return {
    version: VERSION,
    conversation,
    bucket,
    people,
    places: docs.map(({ place }) => place),
    times: docs.map(({ at }) => at),
    authors: docs.map(({ from }) => people.indexOf(from)),
    text: docs.map(({ words }) => textOf(words)).join(''),
  }
}

export const isCurrent = ({ version }: SegmentRecord): boolean => version === VERSION

/** A segment in memory: columns, so that a hundred thousand messages are a few thousand objects. */
export interface Segment {
  readonly conversation: ConversationId
  readonly bucket: number
  readonly places: Float64Array
  readonly times: Float64Array
  /** Numbers that stand for people. */
  readonly authors: Uint32Array
  /** Where each message begins in the text, and where the last one ends. */
  readonly starts: Uint32Array
  /** Of the newest message; -Infinity where there is none. */
  readonly newest: number
  readonly oldest: number
  /** Undefined while it is left in the store. */
  readonly text: string | undefined
  /** Units of the text. */
  readonly length: number
}

/** `numberOf` gives each person a number of its own. */
export const openSegment = (record: SegmentRecord, numberOf: (address: Address) => number): Segment => {
  const { conversation, bucket, text, places, times } = record
  const numbers = record.people.map(numberOf)
  const starts = new Uint32Array(places.length + 1)
  for (let doc = 0, at = 0; doc < places.length; doc++) {
    at = text.indexOf('\n', at) + 1
    starts[doc + 1] = at
  }
  return {
    conversation,
    bucket,
    places: Float64Array.from(places),
    times: Float64Array.from(times),
    authors: Uint32Array.from(record.authors, (author) => numbers[author] as number),
    starts,
    newest: times.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
    oldest: times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    text,
    length: text.length,
  }
}

/**
 * The messages in which every needle stands, by their number in the segment, first to last. The longest needle leads:
 * it is likely the rarest one.
 */
export const findIn = (text: string, starts: Uint32Array, needles: readonly string[]): number[] => {
  const count = starts.length - 1
  const [first, ...others] = [...needles].sort((a, b) => b.length - a.length)
  if (first === undefined) return Array.from({ length: count }, (_, doc) => doc)
  const found: number[] = []
  let doc = 0
  for (let at = text.indexOf(first); at !== -1; ) {
    while ((starts[doc + 1] as number) <= at) doc++
    const end = starts[doc + 1] as number
    if (others.length === 0) found.push(doc)
    else {
      const words = text.slice(starts[doc], end)
      if (others.every((needle) => words.includes(needle))) found.push(doc)
    }
    at = text.indexOf(first, end)
  }
  return found
}
