import { personOf } from '../../domain/rooms/permissions.ts'
import type { Address, ConversationId } from '../../records/ids.ts'
import { dmId, getConversation } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import { getRegister } from '../personal/registers.ts'
import type { Rooms } from '../rooms/rooms.ts'
import type { Kept } from './requests.ts'

/** Tells of a request once it is stored; of those who had to go nothing is left. */
export const tellRequest = async (
  core: Core,
  rooms: Rooms,
  conversation: ConversationId,
  from: Address,
  { dropped, tellDropped }: Pick<Kept, 'dropped' | 'tellDropped'>,
): Promise<void> => {
  core.events.emit({ type: 'request', conversation, from })
  if (tellDropped) core.events.emit({ type: 'requests-dropped' })
  if (dropped !== undefined) await forgetStranger(core, rooms, dropped)
}

/** The log of somebody who is in no conversation and no contact is not kept: it comes again with whatever they send. */
const forgetStranger = async (core: Core, rooms: Rooms, address: Address): Promise<void> => {
  if (rooms.all().some(({ snapshot }) => personOf(snapshot, address) !== undefined)) return
  const isKnown = await core.store.read(
    async (tx) =>
      (await getRegister(tx, 'contact', address)) !== undefined ||
      (await getConversation(tx, dmId(core.self.address, address))) !== undefined,
  )
  if (isKnown) return
  await core.directory.forget(address)
  await core.store.write(async (tx) => tx.delete('profiles', address))
}
