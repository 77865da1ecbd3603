import { DchatError } from '../errors.ts'
import { isTimer } from '../protocol/messages/snapshot.ts'
import type { ConversationId } from '../records/ids.ts'
import { changeConversation } from './change-conversation.ts'
import type { ChangeOptions } from './client.ts'
import type { Core } from './core.ts'
import { changeRoom } from './rooms/change-room.ts'
import type { Rooms } from './rooms/rooms.ts'

/** Messages of the conversation disappear so many seconds after their acceptance. */
export const setTimer = async (
  core: Core,
  rooms: Rooms,
  id: ConversationId,
  seconds: number,
  options: ChangeOptions,
): Promise<void> => {
  if (!isTimer(seconds))
    throw new DchatError('usage/invalid-argument', { name: 'seconds', reason: 'it is 0, or 5 seconds to a year' })
  await changeConversation(core, rooms, id, options, (session) =>
    changeRoom(session, (now) => now.timer === seconds, [{ kind: 'timer', seconds }]),
  )
}
