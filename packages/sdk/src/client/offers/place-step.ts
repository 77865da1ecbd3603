import { isUnsent, unsentPlace } from '../../domain/messages/place.ts'
import { step } from '../../domain/offers/reduce.ts'
import { leftAfter } from '../../domain/offers/stock.ts'
import { stepText } from '../../domain/offers/summary.ts'
import type { OfferThread } from '../../domain/offers/thread.ts'
import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import { decodeSignedOffer } from '../../protocol/offers/event.ts'
import type { Content } from '../../records/content.ts'
import type { ConversationId } from '../../records/ids.ts'
import type { OfferEvent, Reason } from '../../records/offer.ts'
import { settleStock } from '../listings/settle.ts'
import { getMessage, putMessage } from '../message-life/rows.ts'
import {
  type EntryRow,
  type EventRow,
  eventsOf,
  getEvent,
  getThread,
  putEntry,
  putEvent,
  putThread,
  type ThreadRow,
  type Told,
  threadsOf,
} from './rows.ts'

/** A step at its place in the topic, everything about it proven. */
export interface PlacedStep {
  readonly room: string
  readonly conversation: ConversationId
  readonly event: OfferEvent
  readonly row: Omit<EventRow, 'refused'>
  /** Told by another own device, which missed nothing of the offer. */
  readonly told?: Told
  /** Absent where the relay no longer had the entry's body. */
  readonly entry?: EntryRow
}

/** A step as a conversation shows it. */
export const contentOf = (event: OfferEvent, refused?: Reason): Extract<Content, { type: 'offer' }> => ({
  type: 'offer',
  offer: event.thread,
  event: event.id,
  step: event.type,
  summary: stepText(event),
  ...(refused === undefined ? {} : { refused }),
})

/**
 * Puts a step where it stands in the order of its topic. Steps usually come in that order; one that comes late (history
 * from another device) has the thread judged again from its first step, so that every device comes to the same.
 */
export const placeStep = async (tx: StoreWriter, placed: PlacedStep): Promise<Content> => {
  const { room, conversation, event, row, entry } = placed
  const known = await getEvent(tx, room, event.id)
  const before = await getThread(tx, room, event.thread)
  // The same step twice counts once, at its first place.
  if (known !== undefined && known.place <= row.place) {
    if (before !== undefined && (placed.told?.upTo ?? -1) > (before.covered ?? -1)) {
      const { told: _, ...rest } = before
      await putThread(tx, { ...rest, ...(await coverage(tx, before, placed.told)) })
    }
    return contentOf(event, known.refused)
  }
  const isLast = row.place > (before?.place ?? -1)
  if (entry !== undefined) putEntry(tx, room, event.id, entry)
  const place = Math.max(row.place, before?.place ?? -1)
  const first = event.type === 'propose' ? Math.min(row.place, before?.first ?? row.place) : before?.first
  const base = { id: event.thread, room, conversation, place, ...(first === undefined ? {} : { first }) }
  if (isLast) {
    const { thread, refused } = judged(before?.thread, event, row)
    putEvent(tx, room, { ...row, ...(refused && { refused }) })
    const covered = await coverage(tx, { ...before, ...base }, placed.told)
    const left = leftAfter(before, thread, event)
    await putThread(tx, { ...base, ...covered, ...(thread && { thread }), ...(left === undefined ? {} : { left }) })
    await settleStock(tx, before?.thread, thread, event, row.acceptedAt, left)
    return contentOf(event, refused)
  }
  putEvent(tx, room, row)
  const { thread, refusals, left } = await judgeAll(tx, room, event)
  const covered = await coverage(tx, { ...before, ...base }, placed.told)
  await putThread(tx, { ...base, ...covered, ...(thread && { thread }), ...(left === undefined ? {} : { left }) })
  await settleStock(tx, before?.thread, thread, event, row.acceptedAt, left)
  return contentOf(event, refusals.get(event.id))
}

/**
 * How far the steps that are here are all that there are, by what own devices told. Some may never come: a step whose
 * message has disappeared is handed on to nobody, and a relay may withhold a part of the past.
 */
const coverage = async (
  tx: StoreReader,
  { id, room, covered, told: open }: Pick<ThreadRow, 'id' | 'room' | 'covered' | 'told'>,
  news: Told | undefined,
): Promise<Pick<ThreadRow, 'covered' | 'told'>> => {
  const told = news !== undefined && news.upTo >= (open?.upTo ?? -1) ? news : open
  if (told === undefined || told.upTo <= (covered ?? -1)) return covered === undefined ? {} : { covered }
  const here = (await eventsOf(tx, room, id)).filter(({ place }) => place <= told.upTo)
  if (here.length >= told.steps) return { covered: told.upTo }
  return { ...(covered === undefined ? {} : { covered }), told }
}

const judged = (
  thread: OfferThread | undefined,
  event: OfferEvent,
  { place, acceptedAt }: Omit<EventRow, 'refused'>,
) => {
  const { thread: next, decision } = step(thread, { event, place, acceptedAt })
  // What answers an offer that was never seen here, but may have been elsewhere, is held and not called refused.
  const isKnown = thread !== undefined || event.type === 'propose'
  return { thread: next, refused: decision.kind === 'refused' && isKnown ? decision.reason : undefined }
}

/**
 * Steps between two places of a room stand there no more: the conversation went on at another hub from before them. They
 * count again from where their authors say them again, in the order that everybody sees (offers.md). `isMissed`: this device will
 * not read all that is said there, so it knows that it does not know how these offers stand.
 */
export const takeBack = async (
  tx: StoreWriter,
  room: string,
  { after, until, isMissed }: { readonly after: number; readonly until: number; readonly isMissed?: true },
): Promise<void> => {
  for (const before of await threadsOf(tx, room)) {
    const rows = (await eventsOf(tx, room, before.id)).filter(({ place }) => place > after && place < until)
    const [first] = rows
    if (first === undefined) continue
    for (const { refused: _, ...row } of rows) putEvent(tx, room, { ...row, place: unsentPlace(row.place) })
    const { event } = decodeSignedOffer(first.signed)
    const { thread, left } = await judgeAll(tx, room, event)
    const { thread: _, left: __, first: proposed, ...rest } = before
    await putThread(tx, {
      ...rest,
      place: after,
      ...(proposed !== undefined && (proposed <= after || isMissed) ? { first: Math.min(proposed, after) } : {}),
      ...(thread && { thread }),
      ...(left === undefined ? {} : { left }),
    })
    await settleStock(tx, before.thread, thread, event, first.acceptedAt, left)
  }
}

/** Judges a thread from its first step on, and shows what came out otherwise than before. */
const judgeAll = async (tx: StoreWriter, room: string, late: OfferEvent) => {
  let thread: OfferThread | undefined
  let left: number | undefined
  const refusals = new Map<string, Reason>()
  for (const row of await eventsOf(tx, room, late.thread)) {
    if (isUnsent(row.place)) break
    const { event } = decodeSignedOffer(row.signed)
    const { thread: next, refused } = judged(thread, event, row)
    left = leftAfter({ ...(thread && { thread }), ...(left === undefined ? {} : { left }) }, next, event)
    thread = next
    if (refused !== undefined) refusals.set(row.id, refused)
    if (refused === row.refused) continue
    const { refused: _, ...rest } = row
    putEvent(tx, room, { ...rest, ...(refused && { refused }) })
    const message = await getMessage(tx, row.message)
    if (message?.content.type === 'offer') putMessage(tx, { ...message, content: contentOf(event, refused) })
  }
  return { thread, refusals, left }
}
