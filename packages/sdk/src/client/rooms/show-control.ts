import type { StoreWriter } from '../../domain/store/store.ts'
import type { Message } from '../../records/message.ts'
import { getConversation, putConversation } from '../conversation-store.ts'
import { showPins } from '../message-life/pins.ts'
import type { RoomSession } from './session.ts'
import type { Work } from './work.ts'

/** Shows the name, the timer and the pins that a room now has; gives the messages that changed by it. */
export const showControl = async (
  tx: StoreWriter,
  session: Pick<RoomSession, 'control'>,
  work: Pick<Work, 'record' | 'control'>,
): Promise<readonly Message[]> => {
  const { name, timer, pins } = work.control.snapshot
  if (work.control === session.control) return []
  const pinned = await showPins(tx, session.control.snapshot.pins, pins)
  const conversation = await getConversation(tx, work.record.conversation)
  if (conversation === undefined || (conversation.name === name && conversation.timer === timer)) return pinned
  await putConversation(tx, { ...conversation, timer, ...(conversation.kind === 'group' ? { name } : {}) })
  return pinned
}
