import { excerptOf, marksIn } from '../../domain/search/excerpt.ts'
import { wordsOf } from '../../domain/search/plain.ts'
import { parseQuery, type Term } from '../../domain/search/query.ts'
import { findIn, type Segment } from '../../domain/search/segment.ts'
import type { StoreReader } from '../../domain/store/store.ts'
import { DchatError } from '../../errors.ts'
import type { Address, ConversationId } from '../../records/ids.ts'
import type { SearchHit, SearchQuery, SearchResult } from '../../records/search.ts'
import type { Core } from '../core.ts'
import { isBlocked } from '../people/consent.ts'
import type { MessageRecord } from '../records.ts'
import type { MessageIndex } from './message-index.ts'

const LIMIT = 50
const MOST = 500

/** Where a message stands among all of them: newest first, and never two at one place. */
interface Spot {
  readonly at: number
  readonly conversation: ConversationId
  readonly place: number
}

/** Negative where the first one is shown before the second. */
const compare = (a: Spot, b: Spot): number =>
  b.at - a.at || (a.conversation === b.conversation ? 0 : a.conversation < b.conversation ? -1 : 1) || b.place - a.place

interface Wanted {
  readonly needles: readonly string[]
  readonly query: SearchQuery
  readonly behind: Spot | undefined
  /** Whose messages are not shown. */
  readonly silenced: ReadonlySet<Address>
  readonly count: number
}

/** A page of what was asked for. Throws `usage/invalid-argument`. */
export const findMessages = async (
  { store, clock }: Core,
  index: MessageIndex,
  query: SearchQuery & { readonly cursor?: string },
): Promise<SearchResult> => {
  const { limit = LIMIT, text, cursor } = query
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST) throw refuse('limit', `it is a whole number up to ${MOST}`)
  const terms = parseQuery(text)
  const behind = cursor === undefined ? undefined : spotOf(cursor)
  // Signs alone are nothing that could be found; no text at all asks for everything that the filters let through.
  if (terms.length === 0 && text.trim().length > 0) return { hits: [], complete: index.isComplete }
  const needles = terms.map(({ needle }) => needle)
  return store.read(async (tx) => {
    await index.refresh(tx)
    const silenced = new Set<Address>()
    while (true) {
      const spots = await select(tx, index, { needles, query, behind, silenced, count: limit + 1 })
      const shown = spots.slice(0, limit)
      const hits = await Promise.all(shown.map((spot) => hitAt(tx, spot, terms, clock.now())))
      const found = hits.filter((hit) => hit !== undefined)
      const blocked = await blockedOf(tx, new Set(found.map(({ from }) => from)))
      for (const address of blocked) silenced.add(address)
      if (blocked.length > 0) continue
      const last = shown[shown.length - 1]
      return {
        hits: found,
        complete: index.isComplete,
        ...(spots.length > limit && last !== undefined ? { next: textOf(last) } : {}),
      }
    }
  })
}

/** The first ones that fit, in the order in which they are shown. */
const select = async (tx: StoreReader, index: MessageIndex, wanted: Wanted): Promise<readonly Spot[]> => {
  const { query, behind, count } = wanted
  const { conversation, from, after = Number.NEGATIVE_INFINITY, before = Number.POSITIVE_INFINITY } = query
  const author = from === undefined ? undefined : index.numberOf(from)
  if (from !== undefined && author === undefined) return []
  const silenced = new Set([...wanted.silenced].map((address) => index.numberOf(address)))
  const segments = index.segments(
    (segment) =>
      (conversation === undefined || segment.conversation === conversation) &&
      segment.newest >= after &&
      segment.oldest < before &&
      (behind === undefined || segment.oldest <= behind.at),
  )
  const fits = ({ authors }: Segment, doc: number, spot: Spot): boolean =>
    spot.at >= after &&
    spot.at < before &&
    (author === undefined || authors[doc] === author) &&
    !silenced.has(authors[doc]) &&
    (behind === undefined || compare(behind, spot) < 0)
  const best: Spot[] = []
  for (const segment of segments) {
    const last = best.length < count ? undefined : best[best.length - 1]
    if (last !== undefined && segment.newest < last.at) break
    const found = findIn(await index.textOf(tx, segment), segment.starts, wanted.needles)
    // The newest first, so that most of the others need no place.
    for (const doc of found.reverse()) {
      const spot = {
        at: segment.times[doc] as number,
        conversation: segment.conversation,
        place: segment.places[doc] as number,
      }
      if (fits(segment, doc, spot)) insert(best, spot, count)
    }
  }
  return best
}

const insert = (best: Spot[], spot: Spot, count: number): void => {
  const last = best[best.length - 1]
  if (best.length === count && last !== undefined && compare(last, spot) < 0) return
  let low = 0
  let high = best.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compare(best[middle] as Spot, spot) < 0) low = middle + 1
    else high = middle
  }
  best.splice(low, 0, spot)
  if (best.length > count) best.pop()
}

/** The message itself decides: the index only led to it. */
const hitAt = async (
  tx: StoreReader,
  { conversation, place }: Spot,
  terms: readonly Term[],
  now: number,
): Promise<SearchHit | undefined> => {
  const here = { scope: conversation, after: place - 1, before: place + 1, limit: 1 }
  const [row] = await tx.page<MessageRecord>('messages', here)
  if (row === undefined) return undefined
  const { id, from, at, content, expiresAt } = row.value
  const words = wordsOf(content)
  const marks = words === undefined || (expiresAt ?? now + 1) <= now ? undefined : marksIn(words, terms)
  if (words === undefined || marks === undefined) return undefined
  return { message: id, conversation, from, at, ...excerptOf(words, marks) }
}

const blockedOf = async (tx: StoreReader, people: ReadonlySet<Address>): Promise<readonly Address[]> => {
  const blocked: Address[] = []
  for (const address of people) if (await isBlocked(tx, address)) blocked.push(address)
  return blocked
}

const refuse = (name: string, reason: string) => new DchatError('usage/invalid-argument', { name, reason })

const textOf = ({ at, conversation, place }: Spot): string => `${at}/${conversation}/${place}`

const spotOf = (cursor: string): Spot => {
  const [at, conversation, place, more] = cursor.split('/')
  const spot = { at: Number(at), conversation: conversation as ConversationId, place: Number(place) }
  if (more === undefined && place !== undefined && Number.isSafeInteger(spot.at) && Number.isSafeInteger(spot.place))
    return spot
  throw refuse('cursor', 'it is not one that a search gave')
}
