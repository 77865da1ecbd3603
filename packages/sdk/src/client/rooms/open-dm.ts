import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import type { Suite } from '../../protocol/mls/engine.ts'
import type { Person } from '../../records/group.ts'
import type { ConversationId, RelayUrl } from '../../records/ids.ts'
import { fromHex } from '../../util/bytes.ts'
import { getConversation } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import { claimKeyPackages } from '../key-packages.ts'
import type { ConversationRecord, RoomRecord } from '../records.ts'
import { createRoom, publishRoom } from './create-room.ts'
import type { Rooms } from './rooms.ts'

const DM_SUITE: Suite = 'dm-xwing-aes256'
/** ms until a person who ran out of key packages is asked for again. */
const NO_PACKAGES = 30_000

/**
 * Opens the room that a conversation waits for: claims the other person's key packages, creates the group and publishes
 * its first commit with the topic. May be repeated after any crash: what was stored goes out again unchanged.
 */
export const openDm = async (
  core: Core,
  rooms: Rooms,
  id: ConversationId,
  relays: readonly RelayUrl[],
): Promise<void | { readonly again: number }> => {
  const conversation = await core.store.read((tx) => getConversation(tx, id))
  if (conversation?.active === undefined || conversation.restoring) return
  const known = await core.store.read((tx) => tx.get<RoomRecord>('rooms', conversation.active as string))
  if (known !== undefined && known.state !== 'creating') return
  const later =
    known === undefined ? await (await import('../later.ts')).opensLater(core, conversation.active) : undefined
  if (later !== undefined) return later
  const record = known ?? (await create(core, conversation, conversation.active, relays))
  if (record === undefined) return { again: NO_PACKAGES }
  await publishRoom(core, rooms, record)
}

const create = async (
  core: Core,
  conversation: ConversationRecord,
  roomId: string,
  hints: readonly RelayUrl[],
): Promise<RoomRecord | undefined> => {
  const { self, directory, signal } = core
  const { peer } = conversation
  if (peer === undefined) return undefined
  const log = await directory.lookUp(peer, { hints, home: self.relays }, { signal })
  const theirs = await claimKeyPackages(core, peer, DM_SUITE)
  if (theirs.length === 0) return undefined
  const ours = await claimKeyPackages(core, self.address, DM_SUITE)
  const people: Person[] = [
    { address: self.address, role: 'member', since: 0, log: self.log.entries.length },
    { address: peer, role: 'member', since: 0, log: log.entries.length },
  ]
  const snapshot: Snapshot = {
    kind: 'dm',
    suite: DM_SUITE,
    room: fromHex(roomId) as Uint8Array,
    opener: self.address,
    term: 1,
    name: '',
    timer: 0,
    people: people.sort((a, b) => (a.address < b.address ? -1 : 1)),
    pins: [],
  }
  const keyPackages = [...theirs, ...ours].map(({ keyPackage }) => keyPackage)
  return createRoom(core, conversation, snapshot, { kind: 'add', keyPackages }, [
    ...theirs.map(({ deviceKey, reference }) => ({ address: peer, deviceKey, package: reference })),
    ...ours.map(({ deviceKey, reference }) => ({ address: self.address, deviceKey, package: reference })),
  ])
}
