import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import { DchatError } from '../../errors.ts'
import type { MessageId } from '../../records/ids.ts'
import type { Core } from '../core.ts'
import type { MessageRecord, PressRecord, RefRecord } from '../records.ts'
import { bucketOf, segmentKey, UNSENT_BUCKET } from '../search/bucket.ts'

const PAGE = 500

export const getMessage = (tx: StoreReader, id: MessageId): Promise<MessageRecord | undefined> =>
  tx.get<MessageRecord>('messages', id)

/** Writes a message; one that moves to another place is deleted at the old one first, unless that is before it was sent. */
export const putMessage = (tx: StoreWriter, record: MessageRecord): void => {
  tx.put('messages', { key: record.id, scope: record.conversation, position: record.place, value: record })
  forgetSegment(tx, record)
}

/** The message alone, without what was done to it. */
export const deleteMessage = (tx: StoreWriter, record: MessageRecord): void => {
  tx.delete('messages', record.id)
  forgetSegment(tx, record)
}

/** A segment of the search index that is no longer true goes in the same transaction, and is made anew when it is needed. */
const forgetSegment = (tx: StoreWriter, { conversation, place, own }: MessageRecord): void => {
  tx.delete('search', segmentKey(conversation, bucketOf(place)))
  if (own) tx.delete('search', segmentKey(conversation, UNSENT_BUCKET))
}

/** Gives the message its place in the stream of arrivals. */
export const putArrival = (tx: StoreWriter, { id, arrival }: Pick<MessageRecord, 'id' | 'arrival'>): void => {
  if (arrival === undefined) return
  tx.put('arrivals', { key: `${arrival}`, scope: 'all', position: arrival, value: { id } })
}

const refKey = (id: MessageId): string => `ref/${id}`
const pressScope = (target: MessageId): string => `press/${target}`

export const getRef = (tx: StoreReader, id: MessageId): Promise<RefRecord | PressRecord | undefined> =>
  tx.get<RefRecord | PressRecord>('messages', refKey(id))

export const putRef = async (tx: StoreWriter, id: MessageId, ref: RefRecord | PressRecord): Promise<void> => {
  const scope = ref.type === 'press' || ref.type === 'answer' ? pressScope(ref.target) : refKey(ref.target)
  const [last] = await tx.page('messages', { scope, order: 'descending', limit: 1 })
  tx.put('messages', { key: refKey(id), scope, position: (last?.position ?? 0) + 1, value: ref })
}

/** What was done to a message, oldest first, at most so many. */
export const refsOf = async (
  tx: StoreReader,
  target: MessageId,
  limit: number,
): Promise<readonly (RefRecord & { readonly id: MessageId })[]> => {
  const rows = await tx.page<RefRecord>('messages', { scope: refKey(target), limit })
  return rows.map(({ key, value }) => ({ ...value, id: key.slice(refKey('' as MessageId).length) as MessageId }))
}

/** Forgets what was done to a message; with `type`, that kind only. */
export const dropRefs = async (tx: StoreWriter, target: MessageId, type?: RefRecord['type']): Promise<void> => {
  await dropRefsIn(tx, refKey(target), type)
  if (type === undefined) await dropRefsIn(tx, pressScope(target))
}

const dropRefsIn = async (tx: StoreWriter, scope: string, type?: RefRecord['type']): Promise<void> => {
  let after = 0
  while (true) {
    const rows = await tx.page<RefRecord>('messages', { scope, after, limit: PAGE })
    for (const { key, value, position } of rows) {
      if (type === undefined || value.type === type) tx.delete('messages', key)
      after = position as number
    }
    if (rows.length < PAGE) return
  }
}

export interface FoundMessage {
  readonly message: MessageRecord
  readonly ref?: RefRecord | PressRecord
}

/** The message that an id names: its own, or that of an edit or reaction of it, or of a press of its buttons. */
export const findMessage = async (tx: StoreReader, id: MessageId): Promise<FoundMessage | undefined> => {
  const message = await getMessage(tx, id)
  if (message !== undefined) return { message }
  const ref = await getRef(tx, id)
  const target = ref === undefined ? undefined : await getMessage(tx, ref.target)
  return ref === undefined || target === undefined ? undefined : { message: target, ref }
}

/** The id under which a message was first sent, where `id` is that of an edit; else `id`. */
const rootOf = async (tx: StoreReader, id: MessageId): Promise<MessageId> => {
  const ref = await getRef(tx, id)
  return ref?.type === 'edit' ? ref.target : id
}

/** The same content with a reply that names the message, where it named an edit of it. */
export const withRootReply = async <T extends { readonly replyTo?: MessageId }>(
  tx: StoreReader,
  content: T,
): Promise<T> => (content.replyTo === undefined ? content : { ...content, replyTo: await rootOf(tx, content.replyTo) })

/** A message by its id or that of an edit. Throws `message/unknown`. */
export const knownMessage = async ({ store }: Pick<Core, 'store'>, id: MessageId): Promise<MessageRecord> => {
  const found = await store.read((tx) => findMessage(tx, id))
  if (found === undefined || (found.ref !== undefined && found.ref.type !== 'edit'))
    throw new DchatError('message/unknown', { messageId: id })
  return found.message
}
