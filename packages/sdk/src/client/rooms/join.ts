import { leavesOf } from '../../domain/rooms/leaves.ts'
import { personOf } from '../../domain/rooms/permissions.ts'
import { DchatError, isDchatError } from '../../errors.ts'
import { decodeWelcomePointer, type WelcomeBody, type WelcomePointer } from '../../protocol/inbox/bodies.ts'
import type { Move } from '../../protocol/inbox/moves.ts'
import { decodeSnapshot, type Snapshot } from '../../protocol/messages/snapshot.ts'
import type { Group } from '../../protocol/mls/engine.ts'
import { decodeCommitFrame } from '../../protocol/topic/commit-frame.ts'
import { bodyHash, matchesReceipt } from '../../protocol/topic/entry.ts'
import { EXPORTER_LABEL, TOPIC_SEED_LENGTH } from '../../protocol/topic/epoch-keys.ts'
import { verifyReceipt } from '../../protocol/topic/receipt.ts'
import type { Entry } from '../../protocol/wire/methods.ts'
import type { Address } from '../../records/ids.ts'
import { inChunks } from '../../util/batches.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import { findKeyPackage } from '../key-packages.ts'
import type { HubRecord } from '../records.ts'
import { enterRoom } from './enter-room.ts'
import { forkFrom } from './forks.ts'
import { frameProblem } from './frame-problem.ts'
import { takeMoves } from './moved-note.ts'
import type { Rooms } from './rooms.ts'
import { type RoomSession, showKey } from './session.ts'
import { openWelcome } from './welcome.ts'

const TIMEOUT = 30_000
/** Logs that are asked for at a time. */
const AT_ONCE = 16

const refuse = (reason: string) => new DchatError('conversation/void', { reason })

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
  const isHere = known !== undefined && equalBytes(known.record.topic, pointer.topic)
  if (known !== undefined && isHere && isIn(known) && known.record.seq >= pointer.seq) return 'already'
  const own = await findKeyPackage(core, pointer.package)
  if (own === undefined) return { ask: pointer }
  await rightRelay(core, pointer.hub)
  const link = core.links.get(pointer.hub.url)
  const chunks: Uint8Array[] = []
  for (const id of pointer.blobs)
    chunks.push((await link.request('blob.get', { id }, { signal: core.signal, timeout: TIMEOUT })).body)
  const opened = await openWelcome(core, pointer.blobKey, chunks)
  const { welcome, tree, snapshot: encodedSnapshot, heard, moves } = opened
  const snapshot = checkSnapshot(core, decodeSnapshot(encodedSnapshot), pointer, from)
  await learnPeople(core, pointer.hub, snapshot, opened)
  if (known !== undefined && !isHere) {
    if (moves !== undefined) await takeMoves(known, rooms, from, moves)
    const stands = snapshot.term > known.snapshot.term && !partsFrom(known, moves)
    if (isIn(known) && !stands) return 'already'
  }
  if (snapshot.kind === 'channel') {
    const problem = await (await import('../later.ts')).channelProblem(core, rooms, snapshot)
    if (problem !== undefined) throw refuse(problem)
  }
  const group = await core.engine.join(welcome, tree, own.pair)
  checkMembers(snapshot, group, pointer.room)
  const seed = await core.engine.exportSecret(group, EXPORTER_LABEL, TOPIC_SEED_LENGTH)
  await showKey(core, pointer.hub.url, pointer.topic, seed)
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
  const { restored } = own
  const place = { topic, hub, suite, seq, epochSeq: seq, head, time }
  const rest = { ...(moves && { moves }), ...(restored && { restored }) }
  const entrance = { room, snapshot, group, seed, from, heard, ...place, ...rest }
  await enterRoom(core, rooms, entrance, (tx) => {
    if (!own.lastResort) tx.delete('keyPackages', toHex(pointer.package))
  })
  return 'joined'
}

/** A device whose store is an old copy is in too: it replaces its leaf by itself. */
const isIn = ({ record, group }: RoomSession): boolean => record.state === 'open' && group?.active === true

/** Whether the moves that led there part from those that this room has made: it would have followed them, if they stood. */
const partsFrom = ({ record }: RoomSession, moves: readonly Move[] = []): boolean =>
  moves.some(({ from, to }) => {
    const fork = forkFrom(record, from)
    return fork !== undefined && !equalBytes(fork.to, to)
  })

/** The logs of the people there, as far as this device lacks them: without them nobody's leaf can be judged. */
export const learnPeople = async (
  core: Core,
  hub: HubRecord,
  { people }: Snapshot,
  { logs = [], places = [] }: Partial<Pick<WelcomeBody, 'logs' | 'places'>>,
): Promise<void> => {
  const { directory, self, signal } = core
  await directory.learn(logs)
  const named = new Map(places.map(({ address, relays }) => [address, relays]))
  const look = async ({ address, log }: Snapshot['people'][number]): Promise<void> => {
    const known = await directory.get(address)
    if (known !== undefined && known.entries.length >= log) return
    const where = { hints: [...(named.get(address) ?? []), hub.url], home: self.relays }
    try {
      await directory.lookUp(address, where, { signal, everywhere: known !== undefined })
    } catch (error) {
      signal.throwIfAborted()
      // A person who has no leaf there, or only ones that are known, need not be found.
      if (!isDchatError(error) || (known === undefined && named.has(address))) throw error
    }
  }
  for (const some of inChunks(people, AT_ONCE)) await Promise.all(some.map(look))
}

export const rightRelay = async (core: Core, hub: HubRecord): Promise<void> => {
  const key = await core.links.relayKey(hub.url, { signal: core.signal, timeout: TIMEOUT })
  if (equalBytes(key, hub.key)) return
  throw new DchatError('identity/untrusted-key', {
    subject: hub.url,
    reason: 'the relay has another key than it was said to have',
  })
}

/** A direct message is of this person and the one who wrote, a group has both among its people; anything else is refused. */
export const checkSnapshot = (
  core: Core,
  snapshot: Snapshot,
  claimed: Pick<WelcomePointer, 'room' | 'suite'> & { readonly kind?: WelcomePointer['kind'] },
  from: Address,
): Snapshot => {
  if (!equalBytes(snapshot.room, claimed.room)) throw refuse('its snapshot is of another room')
  if (snapshot.suite !== claimed.suite) throw refuse('its snapshot names another suite')
  if (claimed.kind !== undefined && snapshot.kind !== claimed.kind) throw refuse('it is of another kind than was said')
  if (personOf(snapshot, core.self.address) === undefined) throw refuse('this person is not part of it')
  if (personOf(snapshot, from) === undefined) throw refuse('its sender is not part of it')
  return snapshot
}

const checkMembers = (snapshot: Snapshot, group: Group, room: Uint8Array): void => {
  if (!equalBytes(group.id, room)) throw refuse('the group is another one')
  if (group.members.length > leavesOf(snapshot)) throw refuse('it has too many devices')
  const people = new Set(snapshot.people.map(({ address }) => address))
  if (!group.members.every(({ address }) => people.has(address)))
    throw refuse('a device belongs to nobody of the conversation')
}

/** The commit that let this device in: its receipt, and its frame against the state that was joined. */
const checkEntry = async (
  core: Core,
  { topic, hub }: WelcomePointer,
  entry: Entry,
  group: Group,
  seed: Uint8Array,
  snapshot: Snapshot,
): Promise<Uint8Array> => {
  if (entry.receipt.kind !== 'commit' || entry.body === null || entry.frame === null) throw refuse('it is no commit')
  if (!equalBytes(entry.receipt.topic, topic) || !matchesReceipt(entry))
    throw new DchatError('relay/bad-receipt', { relay: hub.url, reason: 'the entry is not the one that was signed' })
  const head = await verifyReceipt(core.crypto, hub.key, entry.receipt, hub.url)
  if (entry.epoch + 1 !== group.epoch) throw refuse('the commit leads to another epoch')
  const frame = decodeCommitFrame(entry.frame)
  if (!equalBytes(frame.topic, topic) || !equalBytes(frame.commit, bodyHash(entry.body)))
    throw refuse('its frame is for something else')
  const problem = await frameProblem(core.crypto, frame, seed, await core.engine.publicState(group), snapshot)
  if (problem !== undefined) throw refuse(problem)
  return head
}
