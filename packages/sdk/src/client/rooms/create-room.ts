import { placeRoom } from '../../domain/rooms/dm-terms.ts'
import { DchatError } from '../../errors.ts'
import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import type { Change } from '../../protocol/mls/engine.ts'
import { ZERO_HEAD } from '../../protocol/topic/entry.ts'
import { EXPORTER_LABEL, epochKeysOf, TOPIC_SEED_LENGTH, topicKeyOf } from '../../protocol/topic/epoch-keys.ts'
import { topicIdOf } from '../../protocol/topic/ids.ts'
import { toHex } from '../../util/bytes.ts'
import { waitFrom } from '../../util/time.ts'
import { within } from '../../util/wait.ts'
import { getConversation, groupId, nextCount, putConversation } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import { homesThatTakeUs } from '../home-admission.ts'
import { putJob } from '../jobs.ts'
import { makeKeyPackage } from '../key-packages.ts'
import type { ControlRecord, ConversationRecord, HubRecord, RoomRecord } from '../records.ts'
import { updatePeriod } from './apply-commit.ts'
import { commitDataOf, frameCommit, type Joiner, logsFor, publishCommit } from './commit.ts'
import { hubsNamed } from './hubs-named.ts'
import { mergeInto, openRoom, termsOf } from './merge-dm.ts'
import type { Rooms } from './rooms.ts'
import { putPendingGroup, putRoom, showKey } from './session.ts'

/** ms until a first commit is looked for again that was not read back; other work is done meanwhile. */
const TIMEOUT = 30_000

/** Makes a room's group, its topic's name and its first commit, and stores them: nothing has left this device yet. */
export const createRoom = async (
  core: Core,
  /** Absent for a self-conversation, which nobody sees. */
  conversation: ConversationRecord | undefined,
  wanted: Snapshot,
  change: Change,
  joiners: readonly Joiner[],
  /** The relays that may be its hub, the first one first; default: the home relays. */
  at?: readonly HubRecord[],
): Promise<RoomRecord> => {
  const { crypto, engine, self } = core
  const hubs = at ?? (await hubsNamed(core, await homesThatTakeUs(core)))
  const [hub] = hubs
  if (hub === undefined) throw new DchatError('usage/invalid-argument', { name: 'relays', reason: 'no home relay' })
  // One that cannot go anywhere else names none.
  const snapshot: Snapshot = hubs.length < 2 ? wanted : { ...wanted, hubs }
  const { suite, room } = snapshot
  const id = toHex(room)
  const alone = await engine.create(room, await makeKeyPackage(core, suite))
  const seed = await engine.exportSecret(alone, EXPORTER_LABEL, TOPIC_SEED_LENGTH)
  const keys = epochKeysOf(seed)
  const nonce = crypto.random(16)
  const topic = topicIdOf(await topicKeyOf(crypto, keys), nonce)
  const logs = await logsFor(
    core,
    joiners.map(({ address }) => address),
  )
  const made = await engine.commit(alone, change, commitDataOf(logs))
  const pending = await frameCommit(core, { topic, snapshot }, alone.epoch, keys, made, { joiners })
  return core.store.write(async (tx) => {
    const record: RoomRecord = {
      id,
      ordinal: await nextCount(tx, 'rooms'),
      conversation: conversation?.id ?? groupId(id),
      suite,
      topic,
      nonce,
      hub,
      term: conversation?.kind === 'dm' ? placeRoom(await termsOf(tx, conversation, id)) : snapshot.term,
      state: 'creating',
      seq: 0,
      head: ZERO_HEAD,
      time: 0,
      heads: [],
      epochs: [{ epoch: alone.epoch, seed }],
      epochSeq: 0,
      firstEpoch: 0,
      commits: [],
      joinedEpoch: 0,
      spoke: { own: false, peer: false },
      update: waitFrom(core.clock.now(), updatePeriod(snapshot)),
      pending,
    }
    const control: ControlRecord = { snapshot, named: {}, heard: [self.address] }
    putRoom(tx, core, { record, group: alone, control })
    putPendingGroup(tx, core, id, made.next)
    if (conversation === undefined) return record
    const current = (await getConversation(tx, conversation.id)) ?? conversation
    const listed = { ...current, rooms: [...new Set([...current.rooms, id])] }
    const rival = conversation.kind === 'dm' ? await openRoom(tx, current.rooms, id) : undefined
    if (rival === undefined) await putConversation(tx, listed)
    // The other person's room was entered meanwhile: what waits for this one goes out in it, and the rule decides.
    else await mergeInto(tx, core, { ...listed, active: rival.id }, record, true)
    return (await tx.get<RoomRecord>('rooms', id)) ?? record
  })
}

/** Opens the topic with the room's first commit (again), and resolves when that was read back. */
export const publishRoom = async (core: Core, rooms: Rooms, record: RoomRecord): Promise<void> => {
  const { pending, nonce, epochs } = record
  const first = epochs[0]
  if (pending === undefined || nonce === undefined || first === undefined)
    throw new DchatError('storage/corrupt', { store: 'rooms', reason: 'a room in creation has no commit' })
  const key = await topicKeyOf(core.crypto, epochKeysOf(first.seed))
  await Promise.all([
    (await import('../later.ts')).archiveAhead(core, record.id),
    showKey(core, record.hub.url, record.topic, first.seed),
  ])
  await publishCommit(
    core,
    record.hub.url,
    { topic: record.topic, create: { nonce, key, epoch: first.epoch } },
    pending,
  )
  const open: RoomRecord = { ...record, state: 'open' }
  await core.store.write(async (tx) => {
    tx.put('rooms', { key: open.id, scope: 'all', position: open.ordinal, value: open })
    await putJob(tx, `archive/${record.id}`, { kind: 'archive', room: record.id }, core.clock.now())
    const replace = { kind: 'replace-leaf', room: record.id } as const
    if (open.stale) await putJob(tx, `replace-leaf/${record.id}`, replace, core.clock.now())
  })
  const session = await rooms.adopt(open)
  const isRead = (over: AbortSignal) =>
    session.until(({ pending: now, state }) => now === undefined || state !== 'open', { signal: over })
  if (await within(core.clock, TIMEOUT, isRead, { signal: core.signal })) return
  throw new DchatError('transport/unreachable', {
    relay: record.hub.url,
    reason: 'it has not given back the first commit',
  })
}
