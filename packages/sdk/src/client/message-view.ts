import type { ReactionMark } from '../domain/messages/life.ts'
import { isHistory, isUnsent } from '../domain/messages/place.ts'
import { mentionsIn } from '../protocol/content/mentions.ts'
import type { Content } from '../records/content.ts'
import type { Address, Cursor } from '../records/ids.ts'
import type { Message, Reaction } from '../records/message.ts'
import type { MessageRecord } from './records.ts'

/** The record as the SDK's users see it. */
export const toMessage = (record: MessageRecord): Message => ({
  id: record.id,
  conversation: record.conversation,
  from: record.from,
  device: record.device,
  own: record.own,
  content: record.content,
  state: record.state,
  at: record.at,
  ...(record.failure === undefined ? {} : { failure: record.failure }),
  ...(record.clientId === undefined ? {} : { clientId: record.clientId }),
  ...(isUnsent(record.place) ? {} : { position: record.place }),
  ...(record.arrival === undefined || isHistory(record.arrival) ? {} : { cursor: `${record.arrival}` as Cursor }),
  ...lifeOf(record),
})

const lifeOf = ({ content, editedAt, editions, reactions, expiresAt, pinned, receipts }: MessageRecord) => {
  const mentions = mentionsOf(content)
  return {
    ...(editedAt === undefined ? {} : { editedAt }),
    ...(editions === undefined ? {} : { editions }),
    ...(reactions === undefined ? {} : { reactions: byEmoji(reactions) }),
    ...(mentions.length === 0 ? {} : { mentions }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(pinned === undefined ? {} : { pinned }),
    ...(receipts === undefined ? {} : { receipts: { delivered: receipts.delivered, read: receipts.read } }),
  }
}

const mentionsOf = (content: Content): readonly Address[] =>
  content.type === 'markdown' ? mentionsIn(content.markdown) : []

const byEmoji = (marks: readonly ReactionMark[]): readonly Reaction[] => {
  const from = new Map<string, Address[]>()
  for (const mark of marks) from.set(mark.emoji, [...(from.get(mark.emoji) ?? []), mark.from])
  return [...from].map(([emoji, people]) => ({ emoji, from: people }))
}
