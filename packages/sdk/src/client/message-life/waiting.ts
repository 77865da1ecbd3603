import { DchatError } from '../../errors.ts'
import { readContent } from '../../protocol/content/read.ts'
import type { ConversationId } from '../../records/ids.ts'
import type { PendingAction } from '../../records/message.ts'
import { getConversation } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import type { IntentRecord } from '../records.ts'

/** Intents of one room that are looked through. */
const QUEUE = 1_000

/** Own reactions, edits and deletions of a conversation that do not stand yet, in their order. */
export const pendingActions = (core: Core, conversation: ConversationId): Promise<readonly PendingAction[]> =>
  core.store.read(async (tx) => {
    const record = await getConversation(tx, conversation)
    if (record === undefined) throw new DchatError('conversation/unknown', { conversation })
    if (record.active === undefined) return []
    const rows = await tx.page<IntentRecord>('outbox', { scope: record.active, limit: QUEUE })
    return rows.flatMap(({ value }) => actionIn(value) ?? [])
  })

const actionIn = ({ action, content }: IntentRecord): PendingAction | undefined => {
  if (action === undefined) return undefined
  const { id, target, type, emoji = '' } = action
  if (type === 'delete') return { id, target, type }
  if (type === 'react' || type === 'unreact') return { id, target, type, emoji }
  if (type !== 'edit') return undefined
  const read = readContent(content)
  const words = read.kind === 'action' && read.action.type === 'edit' ? read.action.content : undefined
  return words === undefined ? undefined : { id, target, type, content: words }
}
