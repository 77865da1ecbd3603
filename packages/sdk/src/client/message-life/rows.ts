import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import type { MessageId } from '../../records/ids.ts'
import type { MessageRecord, RefRecord } from '../records.ts'

const PAGE = 500

export const getMessage = (tx: StoreReader, id: MessageId): Promise<MessageRecord | undefined> =>
  tx.get<MessageRecord>('messages', id)

export const putMessage = (tx: StoreWriter, record: MessageRecord): void =>
  tx.put('messages', { key: record.id, scope: record.conversation, position: record.place, value: record })

/** Gives the message its place in the stream of arrivals. */
export const putArrival = (tx: StoreWriter, { id, arrival }: Pick<MessageRecord, 'id' | 'arrival'>): void => {
  if (arrival === undefined) return
  tx.put('arrivals', { key: `${arrival}`, scope: 'all', position: arrival, value: { id } })
}

const refKey = (id: MessageId): string => `ref/${id}`

export const getRef = (tx: StoreReader, id: MessageId): Promise<RefRecord | undefined> =>
  tx.get<RefRecord>('messages', refKey(id))

export const putRef = async (tx: StoreWriter, id: MessageId, ref: RefRecord): Promise<void> => {
  const scope = refKey(ref.target)
  const [last] = await tx.page('messages', { scope, order: 'descending', limit: 1 })
  tx.put('messages', { key: refKey(id), scope, position: (last?.position ?? 0) + 1, value: ref })
}

/** Forgets what was done to a message; with `type`, that kind only. */
export const dropRefs = async (tx: StoreWriter, target: MessageId, type?: RefRecord['type']): Promise<void> => {
  let after = 0
  while (true) {
    const rows = await tx.page<RefRecord>('messages', { scope: refKey(target), after, limit: PAGE })
    for (const { key, value, position } of rows) {
      if (type === undefined || value.type === type) tx.delete('messages', key)
      after = position as number
    }
    if (rows.length < PAGE) return
  }
}

/** The message that an id names: its own, or that of an edit or reaction of it. */
export const findMessage = async (
  tx: StoreReader,
  id: MessageId,
): Promise<{ readonly message: MessageRecord; readonly ref?: RefRecord } | undefined> => {
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
