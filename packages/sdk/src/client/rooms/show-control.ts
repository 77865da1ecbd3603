import type { StoreWriter } from '../../domain/store/store.ts'
import { getConversation, putConversation } from '../conversation-store.ts'
import type { RoomSession } from './session.ts'
import type { Work } from './work.ts'

/** The conversation's record shows the name and the timer that its room has. */
export const showControl = async (
  tx: StoreWriter,
  session: Pick<RoomSession, 'control'>,
  work: Pick<Work, 'record' | 'control'>,
): Promise<void> => {
  const { name, timer } = work.control.snapshot
  if (work.control === session.control) return
  const conversation = await getConversation(tx, work.record.conversation)
  if (conversation === undefined || (conversation.name === name && conversation.timer === timer)) return
  await putConversation(tx, { ...conversation, timer, ...(conversation.kind === 'group' ? { name } : {}) })
}
