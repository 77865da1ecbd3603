import type { StoreWriter } from '../../domain/store/store.ts'
import { DchatError } from '../../errors.ts'
import type { ConversationId } from '../../records/ids.ts'
import { getConversation, putConversation } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import { putJob } from '../jobs.ts'
import { setRegister } from '../personal/registers.ts'
import type { ConversationRecord } from '../records.ts'
import { consentOf } from './consent.ts'
import { roomOf } from './pointer.ts'

/** What somebody asked becomes work, and a conversation. */
export const openRequest = async (tx: StoreWriter, core: Core, id: ConversationId): Promise<void> => {
  const record = await getConversation(tx, id)
  if (record?.kind !== 'dm' || record.invitation === undefined) return
  const { invitation, declined: _, ...rest } = record
  await putConversation(tx, rest, { moveUp: true })
  for (const [at, pointer] of invitation.pointers.entries()) {
    const task = { kind: 'join', from: invitation.from, pointer } as const
    await putJob(tx, `join/${roomOf(pointer)}/${at}`, task, core.clock.now())
  }
}

/**
 * The conversation, to write there: whoever is written to may write back. Throws `conversation/unknown` and
 * `conversation/blocked`.
 */
export const toWriteIn = async (tx: StoreWriter, core: Core, id: ConversationId): Promise<ConversationRecord> => {
  const found = await getConversation(tx, id)
  if (found === undefined) throw new DchatError('conversation/unknown', { conversation: id })
  if (found.kind !== 'dm' || found.peer === undefined) return found
  const consent = await consentOf(tx, found.peer)
  if (consent === 'blocked') throw new DchatError('conversation/blocked', { conversation: id })
  if (consent === 'allowed') return found
  await setRegister(tx, core, 'consent', found.peer, 'allowed')
  await openRequest(tx, core, id)
  return (await getConversation(tx, id)) ?? found
}
