import { previewOf } from '../../domain/messages/preview.ts'
import type { StoreWriter } from '../../domain/store/store.ts'
import { getConversation, putConversation } from '../conversation-store.ts'
import type { ConversationRecord, MessageRecord } from '../records.ts'

/** What a list shows of a conversation's last message. */
export const lastOf = ({ id, from, content, at, place }: MessageRecord): NonNullable<ConversationRecord['last']> => ({
  id,
  from,
  preview: previewOf(content),
  at,
  place,
})

/**
 * Brings the conversation's record in line after messages are gone: the newest that is left is the last one, and what was
 * not read is not waited for any more. The order of conversations stays.
 */
export const withoutMessages = async (tx: StoreWriter, gone: readonly MessageRecord[]): Promise<void> => {
  const [first] = gone
  const conversation = first === undefined ? undefined : await getConversation(tx, first.conversation)
  if (conversation === undefined) return
  const unseen = gone.filter(({ own, state }) => !own && state !== 'read').length
  const unread = Math.max(0, conversation.unread - unseen)
  if (!gone.some(({ id }) => id === conversation.last?.id)) {
    if (unseen > 0) await putConversation(tx, { ...conversation, unread })
    return
  }
  const { last: _, ...rest } = conversation
  const [newest] = await tx.page<MessageRecord>('messages', { scope: rest.id, order: 'descending', limit: 1 })
  await putConversation(tx, { ...rest, unread, ...(newest === undefined ? {} : { last: lastOf(newest.value) }) })
}
