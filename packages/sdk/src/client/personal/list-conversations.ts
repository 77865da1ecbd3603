import type { StoreReader } from '../../domain/store/store.ts'
import type { Conversation } from '../../records/conversation.ts'
import type { ConversationId } from '../../records/ids.ts'
import type { Page } from '../api/page.ts'
import { getConversation } from '../conversation-store.ts'
import type { ConversationRecord } from '../records.ts'
import { conversationViews } from './conversation-views.ts'
import { listRegisters } from './registers.ts'

interface Pin {
  readonly id: ConversationId
  readonly place: number
}

/** Cursors among the pinned name the last one that was shown; all others are places in the order of activity. */
const PINNED = /^pin:(\d+):(.+)$/

/** Pinned conversations in the order of pinning, then the others, newest activity first. */
export const listConversations = async (
  tx: StoreReader,
  { before, limit }: { readonly before?: string; readonly limit: number },
): Promise<Page<Conversation>> => {
  const pins = await pinnedOf(tx)
  const after = before === undefined ? null : PINNED.exec(before)
  const records: ConversationRecord[] = []
  if (before === undefined || after !== null) {
    const last = after === null ? undefined : { place: Number(after[1]), id: after[2] as ConversationId }
    for (const pin of pins.filter((pin) => last === undefined || comparePins(pin, last) > 0)) {
      const record = await getConversation(tx, pin.id)
      if (record === undefined || record.declined) continue
      records.push(record)
      if (records.length === limit)
        return { items: await conversationViews(tx, records), next: `pin:${pin.place}:${pin.id}` }
    }
  }
  const wanted = limit - records.length
  const rows = await tx.page<ConversationRecord>('conversations', {
    scope: 'all',
    limit: wanted,
    order: 'descending',
    ...(before === undefined || after !== null ? {} : { before: Number(before) }),
  })
  const pinned = new Set(pins.map(({ id }) => id))
  for (const { value } of rows) if (!value.declined && !pinned.has(value.id)) records.push(value)
  const end = rows[rows.length - 1]
  const items = await conversationViews(tx, records)
  return { items, ...(rows.length === wanted && end !== undefined ? { next: `${end.position}` } : {}) }
}

const pinnedOf = async (tx: StoreReader): Promise<readonly Pin[]> =>
  (await listRegisters(tx, 'pin'))
    .map(({ subject, value }) => ({ id: subject as ConversationId, place: value }))
    .sort(comparePins)

/** Two devices may have pinned at once: all of them show the same order. */
const comparePins = (a: Pin, b: Pin): number => a.place - b.place || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
