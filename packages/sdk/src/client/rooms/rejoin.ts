import { judgeControl } from '../../domain/rooms/control.ts'
import { DchatError, isDchatError } from '../../errors.ts'
import type { IdentityLog } from '../../protocol/identity/log.ts'
import { decodeRoomStateOffer, type RoomStateOffer } from '../../protocol/inbox/bodies.ts'
import { decodeSnapshot, type Snapshot } from '../../protocol/messages/snapshot.ts'
import { decodeCommitFrame } from '../../protocol/topic/commit-frame.ts'
import { matchesReceipt } from '../../protocol/topic/entry.ts'
import { EXPORTER_LABEL, epochKeysOf, TOPIC_SEED_LENGTH } from '../../protocol/topic/epoch-keys.ts'
import { isSameHub } from '../../protocol/topic/hub.ts'
import { verifyReceipt } from '../../protocol/topic/receipt.ts'
import type { Receipt } from '../../protocol/wire/methods.ts'
import type { Address } from '../../records/ids.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import { isInvitation, mayComeBack } from '../backup/asked-in.ts'
import { groupId } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import { putJob } from '../jobs.ts'
import { makeKeyPackage } from '../key-packages.ts'
import type { JobRecord, PendingCommitRecord } from '../records.ts'
import { type Approval, approvedBy, askKeepers } from './approval.ts'
import { commitDataOf, frameCommit, logsFor, publishCommit } from './commit.ts'
import { enterRoom } from './enter-room.ts'
import { frameProblem } from './frame-problem.ts'
import { haltedFor } from './halted.ts'
import { hubsIn } from './hubs-in.ts'
import { checkSnapshot, learnPeople, rightRelay } from './join.ts'
import { moveRoom } from './move-room.ts'
import { takeMoves } from './moved-note.ts'
import type { Rooms } from './rooms.ts'
import { type RoomSession, showKey } from './session.ts'
import { findSuccessor } from './successors.ts'
import { FOLLOWED_BY_NONE } from './turn.ts'

const TIMEOUT = 30_000
/** ms between two looks whether somebody approved the commit, and how many of them. */
const APPROVAL_LOOK = 2_000
const APPROVAL_LOOKS = 15

/**
 * Replaces this device's own leaf by an external commit, with the state that a member sent (groups.md). The commit is
 * wrapped and its frame signed under the parent epoch's seed. An offer that was overtaken is dropped: the device asks again.
 */
export const rejoinByOffer = async (
  core: Core,
  rooms: Rooms,
  from: Address,
  encoded: Uint8Array,
): Promise<void | { readonly again: number }> => {
  const offer = decodeRoomStateOffer(encoded)
  const room = toHex(offer.room)
  const session = rooms.get(room)
  const parent = checkSnapshot(core, decodeSnapshot(offer.snapshot), offer, from)
  // Only what was asked for: an unasked offer could put this device into a state of somebody's choice.
  if (session === undefined) {
    if (!(await wasAsked(core, room, from))) return
  } else if (session.record.state === 'closed' && !session.record.toldGone) {
    if (!(await askedBack(core, room, from)) && !(await mayComeBack(core, session.record, offer, parent))) return
  } else {
    if (offer.moves !== undefined) await takeMoves(session, rooms, from, offer.moves)
    const instead = await insteadOf(session, rooms, offer, parent)
    if (instead !== undefined) return instead === 'nothing' ? undefined : instead
  }
  // Nothing else of the conversation waits long for a relay that is gone: its hub may be another one.
  await core.links.reach(offer.hub.url, { signal: core.signal })
  await rightRelay(core, offer.hub)
  await showKey(core, offer.hub.url, offer.topic, offer.seed)
  await checkOffer(core, offer, parent)
  await learnPeople(core, offer.hub, parent, offer)
  if (
    session?.record.state === 'closed' &&
    !session.record.toldGone &&
    (await isInvitation(core, session.record, from, parent))
  )
    return
  const pair = await makeKeyPackage(core, offer.suite)
  const logs = await logsFor(core, [])
  const snapshot = afterRejoin(core, parent, offer.epoch, logs)
  const made = await core.engine.externalCommit(offer, pair, commitDataOf(logs))
  const keys = epochKeysOf(offer.seed)
  const pending = await frameCommit(core, { topic: offer.topic, snapshot }, offer.epoch, keys, made)
  try {
    const receipt = await publishRejoin(core, offer, parent, pending)
    if (receipt === undefined) return
    const head = await verifyReceipt(core.crypto, offer.hub.key, receipt, offer.hub.url)
    const seed = await core.engine.exportSecret(made.next, EXPORTER_LABEL, TOPIC_SEED_LENGTH)
    const { topic, hub, suite, moves } = offer
    const { seq, time } = receipt
    const entrance = {
      room,
      topic,
      hub,
      suite,
      snapshot,
      group: made.next,
      seed,
      seq,
      epochSeq: seq,
      head,
      time,
      from,
      ...(moves && { moves }),
    }
    await enterRoom(core, rooms, entrance, (tx) => tx.delete('keyPackages', toHex(pair.reference)))
  } catch (error) {
    if (!isDchatError(error, 'relay/wrong-epoch')) throw error
    await askAgain(core, room)
  }
}

/** Where the hub wants an approval that this device cannot give, others publish the commit: it asks them, and looks. */
const publishRejoin = async (
  core: Core,
  { topic, hub }: RoomStateOffer,
  parent: Snapshot,
  pending: PendingCommitRecord,
): Promise<Receipt | undefined> => {
  const publish = async (approval: Approval = {}) =>
    (await publishCommit(core, hub.url, { topic }, { ...pending, ...approval }))[0]
  if (parent.commitKey === undefined) return publish()
  const own = await approvedBy(core, parent, pending.frame)
  if (own !== undefined) return publish(own)
  await askKeepers(core, parent, { ...pending, topic })
  for (let looks = 0; looks < APPROVAL_LOOKS; looks++) {
    await core.clock.sleep(APPROVAL_LOOK, { signal: core.signal })
    try {
      return await publish()
    } catch (error) {
      if (!isDchatError(error, 'relay/not-permitted')) throw error
    }
  }
  throw new DchatError('conversation/awaits-approval', { conversation: groupId(toHex(parent.room)) })
}

/** In a room that is known: where this device stands decides whether it takes the offer. */
const insteadOf = async (
  session: RoomSession,
  rooms: Rooms,
  { topic, hub }: RoomStateOffer,
  parent: Snapshot,
): Promise<undefined | 'nothing' | { readonly again: number }> => {
  const { record } = session
  if (record.state !== 'rejoining' && !record.toldGone) return 'nothing'
  // Another topic than the known one can only be taken on trust: not while somebody may still answer in the known one.
  const patience = FOLLOWED_BY_NONE - (await haltedFor(session))
  const isElsewhere = !equalBytes(record.topic, topic)
  if (isElsewhere && patience > 0) return { again: patience }
  // What the room's own list says leads there too, and nothing is missed on the way.
  if (isElsewhere && record.voided !== undefined) {
    const successor = await findSuccessor(session, record.voided)
    if (successor !== undefined) {
      await moveRoom(session, rooms, successor)
      return 'nothing'
    }
  }
  // Another hub is one that the conversation names, in a later topic.
  if (!hubsIn(session).some((named) => isSameHub(named, hub)) && !isSameHub(record.hub, hub))
    throw new DchatError('conversation/void', { reason: 'another hub' })
  return isElsewhere && parent.term <= (record.laterThan ?? session.snapshot.term) ? 'nothing' : undefined
}

/** Who asked this person in, and whose Welcome cannot be read, or a room that only the archive tells of: the store is an old copy. */
const wasAsked = async (core: Core, room: string, from: Address): Promise<boolean> =>
  (await askOf(core, room))?.people.includes(from) === true

/** The same of a person who was taken out before, and asked in again. */
const askedBack = async (core: Core, room: string, from: Address): Promise<boolean> => {
  const ask = await askOf(core, room)
  return ask?.perhapsUntil === undefined && ask?.people.includes(from) === true
}

const askOf = async ({ store }: Core, room: string) => {
  const job = await store.read((tx) => tx.get<JobRecord>('jobs', `ask/${room}`))
  return job?.kind === 'ask' ? job : undefined
}

/** The offer was overtaken by another commit. */
const askAgain = (core: Core, room: string): Promise<void> =>
  core.store.write(async (tx) => {
    const key = `ask/${room}`
    const job = await tx.get<JobRecord>('jobs', key)
    if (job !== undefined) await putJob(tx, key, job, core.clock.now())
  })

/** The frame of the commit that began the epoch binds what is offered: a member cannot offer a state of its own making. */
const checkOffer = async (core: Core, offer: RoomStateOffer, snapshot: Snapshot): Promise<void> => {
  const { topic, hub, epochSeq, seed, epoch } = offer
  const { entries } = await core.links
    .get(hub.url)
    .request('topic.read', { topic, after: epochSeq - 1, limit: 1 }, { signal: core.signal, timeout: TIMEOUT })
  const refuse = (reason: string) => new DchatError('conversation/void', { reason })
  const [entry] = entries
  if (entry === undefined || entry.receipt.seq !== epochSeq || entry.frame === null || !matchesReceipt(entry))
    throw refuse('the commit of the epoch is not in the topic')
  await verifyReceipt(core.crypto, hub.key, entry.receipt, hub.url)
  const info = core.engine.readGroupInfo(offer.groupInfo)
  if (info.epoch !== epoch || entry.epoch + 1 !== epoch) throw refuse('the state is of another epoch')
  const problem = await frameProblem(core.crypto, decodeCommitFrame(entry.frame), seed, info, snapshot)
  if (problem !== undefined) throw refuse(problem)
}

/** The control state after this device's external commit. Throws `conversation/not-permitted`. */
export const afterRejoin = (
  core: Pick<Core, 'self'>,
  snapshot: Snapshot,
  epoch: number,
  logs: ReadonlyMap<Address, IdentityLog>,
): Snapshot => {
  const committer = { address: core.self.address, deviceKey: core.self.record.deviceKey }
  const view = { kind: 'external', epoch, committer, added: [], removed: [] } as const
  const next = judgeControl(snapshot, { view, members: [], changes: [], logs, left: new Set(), ordered: new Set() })
  if (typeof next === 'string') throw new DchatError('conversation/not-permitted', { reason: next })
  return next
}
