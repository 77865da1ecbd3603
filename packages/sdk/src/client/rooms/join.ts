import { DM_LEAVES } from '../../domain/rooms/dm-rules.ts'
import { DchatError } from '../../errors.ts'
import { decodeWelcomePointer, type WelcomePointer } from '../../protocol/inbox/bodies.ts'
import { decodeSnapshot, type Snapshot, snapshotHash } from '../../protocol/messages/snapshot.ts'
import type { Group } from '../../protocol/mls/engine.ts'
import { bindOf, decodeCommitFrame } from '../../protocol/topic/commit-frame.ts'
import { bodyHash, matchesReceipt } from '../../protocol/topic/entry.ts'
import { EXPORTER_LABEL, epochKeysOf, TOPIC_SEED_LENGTH, topicKeyOf } from '../../protocol/topic/epoch-keys.ts'
import { verifyReceipt } from '../../protocol/topic/receipt.ts'
import type { Entry } from '../../protocol/wire/methods.ts'
import type { Address } from '../../records/ids.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import { dmId, dmWith, getConversation, nextCount } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import { putJob } from '../jobs.ts'
import { findKeyPackage } from '../key-packages.ts'
import type { HubRecord, RoomRecord } from '../records.ts'
import { mergeInto } from './merge-dm.ts'
import type { Rooms } from './rooms.ts'
import { dropPendingGroup, putRoom, topicProof } from './session.ts'
import { openWelcome } from './welcome.ts'

const DAY = 24 * 3_600_000
const TIMEOUT = 30_000

const refuse = (reason: string) => new DchatError('conversation/void', { reason })

/** What a joiner holds once a Welcome or an external commit has been checked. */
export interface Entrance {
  readonly room: string
  readonly topic: Uint8Array
  readonly hub: HubRecord
  readonly suite: RoomRecord['suite']
  readonly snapshot: Uint8Array
  readonly group: Group
  readonly seed: Uint8Array
  readonly seq: number
  readonly head: Uint8Array
  readonly time: number
}

/**
 * Joins by a pointer: fetches the Welcome, checks people, leaves and the commit's own entry in the topic, and stores the
 * room (groups.md). Resolves with the address to ask when the Welcome cannot be opened by this device.
 */
export const joinByPointer = async (
  core: Core,
  rooms: Rooms,
  from: Address,
  encoded: Uint8Array,
): Promise<'joined' | 'already' | { readonly ask: WelcomePointer }> => {
  const pointer = decodeWelcomePointer(encoded)
  const room = toHex(pointer.room)
  const known = rooms.get(room)
  if (known?.isMember && known.record.seq >= pointer.seq) return 'already'
  const own = await findKeyPackage(core, pointer.package)
  if (own === undefined) return { ask: pointer }
  await rightRelay(core, pointer.hub)
  const link = core.links.get(pointer.hub.url)
  const chunks: Uint8Array[] = []
  for (const id of pointer.blobs)
    chunks.push((await link.request('blob.get', { id }, { signal: core.signal, timeout: TIMEOUT })).body)
  const { welcome, tree, snapshot } = await openWelcome(core, pointer.blobKey, chunks)
  await core.directory.learn(pointer.logs)
  const facts = checkSnapshot(core, decodeSnapshot(snapshot), pointer, from)
  const group = await core.engine.join(welcome, tree, own.pair)
  checkMembers(facts, group, pointer.room)
  const seed = await core.engine.exportSecret(group, EXPORTER_LABEL, TOPIC_SEED_LENGTH)
  await link.prove(await topicProof(core, pointer.topic, seed), { signal: core.signal })
  const { entries } = await link.request(
    'topic.read',
    { topic: pointer.topic, after: pointer.seq - 1, limit: 1 },
    { signal: core.signal, timeout: TIMEOUT },
  )
  const entry = entries[0]
  if (entry === undefined || entry.receipt.seq !== pointer.seq)
    throw refuse('the commit of the Welcome is not in the topic')
  const head = await checkEntry(core, pointer, entry, group, seed, snapshot)
  const { time, seq } = entry.receipt
  const { topic, hub, suite } = pointer
  await enterRoom(core, rooms, facts, { room, topic, hub, suite, snapshot, group, seed, seq, head, time }, (tx) => {
    if (!own.lastResort) tx.delete('keyPackages', toHex(pointer.package))
  })
  return 'joined'
}

export const rightRelay = async (core: Core, hub: HubRecord): Promise<void> => {
  const key = await core.links.relayKey(hub.url, { signal: core.signal, timeout: TIMEOUT })
  if (equalBytes(key, hub.key)) return
  throw new DchatError('identity/untrusted-key', {
    subject: hub.url,
    reason: 'the relay has another key than it was said to have',
  })
}

/** A direct message is of this person and the one who wrote; anything else is refused. */
export const checkSnapshot = (
  core: Core,
  snapshot: Snapshot,
  claimed: Pick<WelcomePointer, 'room' | 'suite'>,
  from: Address,
): Snapshot => {
  if (!equalBytes(snapshot.room, claimed.room)) throw refuse('its snapshot is of another room')
  if (snapshot.suite !== claimed.suite) throw refuse('its snapshot names another suite')
  if (!snapshot.addresses.includes(core.self.address)) throw refuse('this person is not part of it')
  if (!snapshot.addresses.includes(from)) throw refuse('its sender is not part of it')
  return snapshot
}

const checkMembers = ({ addresses }: Snapshot, group: Group, room: Uint8Array): void => {
  if (!equalBytes(group.id, room)) throw refuse('the group is another one')
  if (group.members.length > DM_LEAVES) throw refuse(`a direct message has at most ${DM_LEAVES} devices`)
  if (!group.members.every(({ address }) => addresses.includes(address)))
    throw refuse('a direct message has no third person')
}

/** The commit that let this device in: its receipt, and its frame against the state that was joined. */
const checkEntry = async (
  core: Core,
  { topic, hub }: WelcomePointer,
  entry: Entry,
  group: Group,
  seed: Uint8Array,
  snapshot: Uint8Array,
): Promise<Uint8Array> => {
  if (entry.receipt.kind !== 'commit' || entry.body === null || entry.frame === null) throw refuse('it is no commit')
  if (!equalBytes(entry.receipt.topic, topic) || !matchesReceipt(entry))
    throw new DchatError('relay/bad-receipt', { relay: hub.url, reason: 'the entry is not the one that was signed' })
  const head = await verifyReceipt(core.crypto, hub.key, entry.receipt, hub.url)
  if (entry.epoch + 1 !== group.epoch) throw refuse('the commit leads to another epoch')
  const frame = decodeCommitFrame(entry.frame)
  const keys = epochKeysOf(seed)
  if (!equalBytes(frame.topic, topic) || !equalBytes(frame.commit, bodyHash(entry.body)))
    throw refuse('its frame is for something else')
  if (!equalBytes(frame.nextKey, await topicKeyOf(core.crypto, keys))) throw refuse('its frame names another next key')
  const { groupContext, externalPub } = await core.engine.publicState(group)
  if (!equalBytes(frame.bind, bindOf(keys.bindKey, groupContext, externalPub, snapshotHash(snapshot))))
    throw refuse('its frame is bound to another group state')
  return head
}

/** Stores the room that was entered, in its conversation, and starts it. */
export const enterRoom = async (
  core: Core,
  rooms: Rooms,
  { addresses, opener }: Snapshot,
  entrance: Entrance,
  also: (tx: Parameters<Parameters<Core['store']['write']>[0]>[0]) => void,
): Promise<void> => {
  const peer = addresses.find((address) => address !== core.self.address) as Address
  const { room: id, group, seed, seq, head, time, ...where } = entrance
  const active = (await core.store.read((tx) => getConversation(tx, dmId(core.self.address, peer))))?.active
  const rival = active === undefined || active === id ? undefined : rooms.get(active)
  const store = () =>
    core.store.write(async (tx) => {
      const earlier = await tx.get<RoomRecord>('rooms', id)
      const conversation = await dmWith(tx, core.self.address, peer, core.clock.now())
      const now = core.clock.now()
      const { pending: _, ...kept } = earlier ?? {
        id,
        ordinal: await nextCount(tx, 'rooms'),
        conversation: conversation.id,
        opener,
        peer,
        term: 1,
        named: {},
        spoke: { own: false, peer: false },
      }
      const fresh: RoomRecord = {
        ...kept,
        ...where,
        state: 'open',
        seq,
        head,
        time,
        heads: [{ seq, head }],
        epochs: [{ epoch: group.epoch, seed }],
        commits: [],
        joinedEpoch: group.epoch,
        updateDue: now + DAY,
      }
      putRoom(tx, core, fresh, group, undefined)
      dropPendingGroup(tx, id)
      await mergeInto(tx, core, conversation, fresh)
      await putJob(tx, `archive/${id}`, { kind: 'archive', room: id }, now)
      const spread = ((core.crypto.random(2)[0] as number) / 256) * DAY
      await putJob(tx, `update/${id}`, { kind: 'update', room: id }, now + Math.floor(spread))
      tx.delete('jobs', `ask/${id}`)
      also(tx)
      return (await tx.get<RoomRecord>('rooms', id)) ?? fresh
    })
  // The merge may give the rival another place: it must not write its record meanwhile.
  const record =
    rival === undefined
      ? await store()
      : await rival.lock.run(async () => {
          const stored = await store()
          const changed = await core.store.read((tx) => tx.get<RoomRecord>('rooms', rival.id))
          rival.settle(changed ?? rival.record, rival.group)
          return stored
        })
  rival?.outgoing.open()
  await rooms.adopt(record)
  core.events.emit({ type: 'rejoin', conversation: record.conversation, state: 'done' })
}
