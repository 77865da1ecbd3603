import { DchatError } from '../../errors.ts'
import { encodeSnapshot } from '../../protocol/messages/snapshot.ts'
import type { Suite } from '../../protocol/mls/engine.ts'
import { ZERO_HEAD } from '../../protocol/topic/entry.ts'
import { EXPORTER_LABEL, epochKeysOf, TOPIC_SEED_LENGTH, topicKeyOf } from '../../protocol/topic/epoch-keys.ts'
import { topicIdOf } from '../../protocol/topic/ids.ts'
import type { Address, ConversationId, RelayUrl } from '../../records/ids.ts'
import { fromHex } from '../../util/bytes.ts'
import { getConversation, nextCount, putConversation } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import { putJob } from '../jobs.ts'
import { claimKeyPackages, makeKeyPackage } from '../key-packages.ts'
import type { ConversationRecord, RoomRecord } from '../records.ts'
import { UPDATE_PERIOD } from './apply-commit.ts'
import { commitDataFor, frameCommit, publishCommit } from './commit.ts'
import type { Rooms } from './rooms.ts'
import { putPendingGroup, putRoom, topicProof } from './session.ts'

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
  const known = rooms.get(conversation.active)?.record
  if (known !== undefined && known.state !== 'creating') return
  const record = known ?? (await createRoom(core, conversation, conversation.active, relays))
  if (record === undefined) return { again: NO_PACKAGES }
  const { pending, nonce, epochs } = record
  const first = epochs[0]
  if (pending === undefined || nonce === undefined || first === undefined)
    throw new DchatError('storage/corrupt', { store: 'rooms', reason: 'a room in creation has no commit' })
  const key = await topicKeyOf(core.crypto, epochKeysOf(first.seed))
  await core.links.get(record.hub.url).prove(await topicProof(core, record.topic, first.seed), { signal: core.signal })
  await publishCommit(
    core,
    record.hub.url,
    { topic: record.topic, create: { nonce, key, epoch: first.epoch } },
    pending,
  )
  const open: RoomRecord = { ...record, state: 'open' }
  await core.store.write(async (tx) => {
    putRoom(tx, core, open, undefined, undefined)
    await putJob(tx, `archive/${record.id}`, { kind: 'archive', room: record.id }, core.clock.now())
  })
  const session = await rooms.adopt(open)
  await session.until(({ pending: now, state }) => now === undefined || state !== 'open', { signal: core.signal })
}

const createRoom = async (
  core: Core,
  conversation: ConversationRecord,
  roomId: string,
  hints: readonly RelayUrl[],
): Promise<RoomRecord | undefined> => {
  const { crypto, engine, self, directory, links, signal } = core
  const { peer } = conversation
  const home = self.relays[0]
  if (home === undefined) throw new DchatError('usage/invalid-argument', { name: 'relays', reason: 'no home relay' })
  await directory.lookUp(peer, { hints, home: self.relays }, { signal })
  const theirs = await claimKeyPackages(core, peer, DM_SUITE)
  if (theirs.length === 0) return undefined
  const ours = await claimKeyPackages(core, self.address, DM_SUITE)
  const room = fromHex(roomId) as Uint8Array
  const alone = await engine.create(room, await makeKeyPackage(core, DM_SUITE))
  const seed = await engine.exportSecret(alone, EXPORTER_LABEL, TOPIC_SEED_LENGTH)
  const keys = epochKeysOf(seed)
  const nonce = crypto.random(16)
  const topic = topicIdOf(await topicKeyOf(crypto, keys), nonce)
  const addresses = [self.address, peer].sort() as [Address, Address]
  const snapshot = encodeSnapshot({ kind: 'dm', suite: DM_SUITE, room, addresses, opener: self.address })
  const keyPackages = [...theirs, ...ours].map(({ keyPackage }) => keyPackage)
  const made = await engine.commit(alone, { kind: 'add', keyPackages }, await commitDataFor(core, [peer]))
  const joiners = [
    ...theirs.map(({ deviceKey, reference }) => ({ address: peer, deviceKey, package: reference })),
    ...ours.map(({ deviceKey, reference }) => ({ address: self.address, deviceKey, package: reference })),
  ]
  const pending = await frameCommit(core, { topic, snapshot }, alone.epoch, keys, made, { joiners })
  const hub = { url: home, key: await links.relayKey(home, { signal }) }
  return core.store.write(async (tx) => {
    const ordinal = await nextCount(tx, 'rooms')
    const record: RoomRecord = {
      id: roomId,
      ordinal,
      conversation: conversation.id,
      opener: self.address,
      peer,
      suite: DM_SUITE,
      topic,
      nonce,
      hub,
      term: 1,
      state: 'creating',
      snapshot,
      seq: 0,
      head: ZERO_HEAD,
      time: 0,
      heads: [],
      epochs: [{ epoch: alone.epoch, seed }],
      commits: [],
      joinedEpoch: 0,
      named: {},
      spoke: { own: false, peer: false },
      updateDue: core.clock.now() + UPDATE_PERIOD,
      pending,
    }
    putRoom(tx, core, record, alone, undefined)
    putPendingGroup(tx, core, roomId, made.next)
    const current = (await getConversation(tx, conversation.id)) ?? conversation
    await putConversation(tx, { ...current, rooms: [...new Set([...current.rooms, roomId])] })
    return record
  })
}
