import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import type { Suite } from '../../protocol/mls/engine.ts'
import { fromHex } from '../../util/bytes.ts'
import { opensLater } from '../backup/reserved.ts'
import { getConversation } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import { addJob } from '../jobs.ts'
import type { JobTask, RoomRecord } from '../records.ts'
import { createRoom, publishRoom } from './create-room.ts'
import { hubsNamed } from './hubs-named.ts'
import type { Rooms } from './rooms.ts'

const GROUP_SUITE: Suite = 'group-x25519-aes128'

const namedBy = async (core: Core, { relays }: Pick<Extract<JobTask, { kind: 'open-group' }>, 'relays'>) =>
  relays === undefined ? undefined : hubsNamed(core, relays)

/** Opens a group's room with this device alone, then asks the people in. May be repeated after any crash. */
export const openGroup = async (
  core: Core,
  rooms: Rooms,
  wish: Extract<JobTask, { readonly kind: 'open-group' }>,
): Promise<void | { readonly again: number }> => {
  const { store, self, clock } = core
  const conversation = await store.read((tx) => getConversation(tx, wish.conversation))
  const room = conversation?.active
  if (conversation === undefined || room === undefined || conversation.restoring) return
  const known = await store.read((tx) => tx.get<RoomRecord>('rooms', room))
  if (known?.state === 'closed' || known?.leaving) return
  const later = known === undefined ? await opensLater(core, room) : undefined
  if (later !== undefined) return later
  if (known === undefined || known.state === 'creating') {
    const snapshot: Snapshot = {
      kind: 'group',
      suite: GROUP_SUITE,
      room: fromHex(room) as Uint8Array,
      opener: self.address,
      term: 1,
      name: conversation.name ?? '',
      timer: wish.timer,
      people: [{ address: self.address, role: 'owner', since: 0, log: self.log.entries.length }],
      pins: [],
      ...(wish.picture === undefined ? {} : { picture: wish.picture }),
    }
    const record =
      known ?? (await createRoom(core, conversation, snapshot, { kind: 'update' }, [], await namedBy(core, wish)))
    await publishRoom(core, rooms, record)
  }
  // The own other devices come in like everybody's.
  const people = [self.address, ...wish.people]
  await addJob(store, `add-people/${room}`, { kind: 'add-people', room, people }, clock.now())
}
