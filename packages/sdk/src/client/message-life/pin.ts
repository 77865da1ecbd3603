import { isUnsent } from '../../domain/messages/place.ts'
import { DchatError } from '../../errors.ts'
import type { MessageId } from '../../records/ids.ts'
import { changeConversation } from '../change-conversation.ts'
import type { ChangeOptions } from '../client.ts'
import type { Core } from '../core.ts'
import { changeRoom } from '../rooms/change-room.ts'
import type { Rooms } from '../rooms/rooms.ts'
import { findMessage, knownMessage } from './rows.ts'

/** Pins a message for everybody in its conversation. */
export const pinMessage = async (core: Core, rooms: Rooms, id: MessageId, options: ChangeOptions): Promise<void> => {
  const { id: message, conversation, content, place: at } = await knownMessage(core, id)
  const refuse = (reason: string) => new DchatError('message/not-permitted', { reason })
  if (isUnsent(at)) throw refuse('it was not sent yet')
  if (content.type === 'deleted' || content.type === 'notice') throw refuse('there is nothing in it to pin')
  await changeConversation(core, rooms, conversation, options, (session) =>
    changeRoom(session, ({ pins }) => pins.includes(message), [{ kind: 'pin', message }]),
  )
}

/** What has disappeared here is still pinned, and can be taken off. */
export const unpinMessage = async (core: Core, rooms: Rooms, id: MessageId, options: ChangeOptions): Promise<void> => {
  const found = await core.store.read((tx) => findMessage(tx, id))
  const message = found?.message.id ?? id
  const room = rooms.all().find(({ snapshot }) => snapshot.pins.includes(message))
  const conversation = found?.message.conversation ?? room?.record.conversation
  if (conversation === undefined) throw new DchatError('message/unknown', { messageId: id })
  await changeConversation(core, rooms, conversation, options, (session) =>
    changeRoom(session, ({ pins }) => !pins.includes(message), [{ kind: 'unpin', message }]),
  )
}
