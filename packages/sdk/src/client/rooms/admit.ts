import { personOf } from '../../domain/rooms/permissions.ts'
import { isDchatError } from '../../errors.ts'
import { activeDevices, type IdentityLog } from '../../protocol/identity/log.ts'
import { decodeAdmitRequest, encodeAdmitRequest, encodeRoomStateOffer } from '../../protocol/inbox/bodies.ts'
import { encodeSnapshot } from '../../protocol/messages/snapshot.ts'
import type { Suite } from '../../protocol/mls/engine.ts'
import { INBOX_BODY_LIMIT } from '../../protocol/wire/limits.ts'
import type { Address, RelayUrl } from '../../records/ids.ts'
import { compareBytes, equalBytes, fromHex, toHex } from '../../util/bytes.ts'
import { leftOf } from '../../util/time.ts'
import { namedSince } from '../backup/named-since.ts'
import type { Core } from '../core.ts'
import { addJob, putJob } from '../jobs.ts'
import { checkPackage, makeKeyPackage } from '../key-packages.ts'
import type { IntentRecord, JobRecord, JobTask, RoomRecord } from '../records.ts'
import { commitChange } from './commit-change.ts'
import { failWaiting } from './fail.ts'
import { movesIn, noteMissing, readBefore } from './forks.ts'
import { goBack, PATIENCE, untilBack } from './go-back.ts'
import { tellGone } from './gone.ts'
import { haltedFor } from './halted.ts'
import { askFor } from './leave.ts'
import { tellWhere } from './moved-note.ts'
import type { Rooms } from './rooms.ts'
import { epochOf, type RoomSession } from './session.ts'
import { FOLLOWED_BY_NONE, TURN } from './turn.ts'
import { noteUnable } from './unable.ts'
import { logsThatFit } from './welcome.ts'

/** ms after which a device that nobody let in asks again: soon, for others of a large group, then rarely. */
const ASK_OTHERS = 30_000
const ASK_AGAIN = 10 * 60_000
/** People of a large group that one round of asking reaches: own devices and those with the highest roles come first. */
const ASKED = 32
/** The longest that a member waits for others to let a device in: an answer must come before `FOLLOWED_BY_NONE`. */
const LAST_TURN = 60_000
/** People of whose logs a device is told that comes back: those who came last, whom it may not know. */
const TOLD = 128
/** Bytes for that, and for what else stands there beside the state. */
const TOLD_BYTES = 64 * 1024
const REST = 32 * 1024
/** Revoked devices that one commit takes out: it carries a log for each of their people. */
const REVOKED = 50

/** Takes a request from the inbox: done at once by the first leaf, later by the others if it still stands. */
export const takeAdmitRequest = async (
  core: Core,
  rooms: Rooms,
  from: Address,
  deviceKey: Uint8Array,
  body: Uint8Array,
): Promise<void> => {
  const { room, topic, keyPackage, since, read } = decodeAdmitRequest(body)
  const session = rooms.get(toHex(room))
  if (session === undefined) return
  if (personOf(session.snapshot, from) === undefined) return tellGone(session, from, deviceKey, since)
  // Neither of them is there, and they may have gone back to different places.
  if (session.record.unanswered !== undefined && equalBytes(session.record.unanswered.topic, topic))
    return tellWhere(session, { address: from, deviceKey })
  await noteMissing(session, deviceKey, topic, read)
  if (session.record.state === 'rejoining') return noteUnable(session, deviceKey)
  const leaves = session.group?.members.filter((member) => !equalBytes(member.deviceKey, deviceKey)) ?? []
  const turn = leaves.findIndex((member) => core.self.isOwnDevice(member.deviceKey))
  if (turn < 0) return
  const after = Math.min(turn * TURN, LAST_TURN)
  const key = `admit/${session.id}/${toHex(deviceKey)}`
  const task = { kind: 'admit', room: session.id, address: from, deviceKey, keyPackage } as const
  await core.store.write(async (tx) => {
    const known = await tx.get<JobRecord>('jobs', key)
    const now = core.clock.now()
    // Whoever asks again, sooner than this device's turn comes, is let in no later for it.
    await putJob(tx, key, task, now, known === undefined ? after : Math.min(after, leftOf(known, now)))
  })
}

/** Lets a certified device of a present person in: by an Add, or, if its leaf stands, by what it needs to rejoin. */
export const admitDevice = async (
  core: Core,
  rooms: Rooms,
  request: {
    readonly room: string
    readonly address: Address
    readonly deviceKey: Uint8Array
    readonly keyPackage: Uint8Array
  },
): Promise<void> => {
  const { address } = request
  const session = rooms.get(request.room)
  if (!session?.isMember) return
  const device = await checkPackage(core, address, session.record.suite, request.keyPackage)
  if (device === undefined || !equalBytes(device.deviceKey, request.deviceKey)) return
  const { deviceKey, keyPackage, reference } = device
  // Those who can let a device in for now were asked too.
  if (session.asksOthers && !hasLeaf(session, deviceKey)) return
  let isThere = false
  await commitChange(session, (now) => {
    isThere = hasLeaf(now, deviceKey)
    // Taken out since it asked: nobody to let in.
    if (isThere || personOf(now.snapshot, address) === undefined) return undefined
    const joiners = [{ address, deviceKey, package: reference }]
    return { change: { kind: 'add', keyPackages: [keyPackage] }, joiners }
  })
  if (isThere) await offerState(session, address, deviceKey)
}

const hasLeaf = (session: RoomSession, deviceKey: Uint8Array): boolean =>
  session.group?.members.some((member) => equalBytes(member.deviceKey, deviceKey)) ?? false

const offerState = async (session: RoomSession, address: Address, deviceKey: Uint8Array): Promise<void> => {
  const { core, record, snapshot } = session
  const newest = record.epochs[record.epochs.length - 1]
  if (newest === undefined) return
  const { groupInfo, tree } = await core.engine.publicState(session.member())
  const moves = movesIn(record)
  const encoded = encodeSnapshot(snapshot)
  const room = INBOX_BODY_LIMIT - REST - groupInfo.length - tree.length - encoded.length
  const last = [...snapshot.people].sort((a, b) => b.since - a.since).slice(0, TOLD)
  const whom = last.map((person) => person.address)
  const told = room < TOLD_BYTES ? {} : await logsThatFit(core.directory, whom, TOLD_BYTES)
  const body = encodeRoomStateOffer({
    room: fromHex(record.id) as Uint8Array,
    topic: record.topic,
    hub: record.hub,
    suite: record.suite,
    seq: record.seq,
    head: record.head,
    epoch: epochOf(record),
    seed: newest.seed,
    groupInfo,
    tree,
    snapshot: encoded,
    epochSeq: record.epochSeq,
    ...(moves.length > 0 ? { moves } : {}),
    ...told,
  })
  await addJob(
    core.store,
    `post/state/${record.id}/${toHex(deviceKey)}`,
    { kind: 'post', item: 'state', address, deviceKey, body, reference: core.crypto.random(16) },
    core.clock.now(),
  )
}

/** Asks every device of the people of a room to be let in; comes back until one of them did. */
export const askToJoin = async (
  core: Core,
  rooms: Rooms,
  ask: {
    readonly room: string
    readonly topic: Uint8Array
    readonly suite: Suite
    readonly people: readonly Address[]
    readonly relays: readonly RelayUrl[]
    readonly perhapsUntil?: number
  },
): Promise<void | { readonly again: number }> => {
  if (rooms.get(ask.room)?.isMember) return
  const { perhapsUntil } = ask
  if (perhapsUntil !== undefined && perhapsUntil <= core.clock.now()) return
  const session = rooms.get(ask.room)
  const back = session && untilBack(session)
  if (session !== undefined && back === 0) return goBack(session, rooms)
  const since = session === undefined ? core.clock.now() : await haltedFor(session)
  if (session?.record.leaving && since >= ASK_AGAIN && (await saidGoodbye(session))) return closeDoor(session)
  const isFresh = since < (back === undefined ? FOLLOWED_BY_NONE : PATIENCE)
  const round = perhapsUntil === undefined ? Math.floor(since / (isFresh ? ASK_OTHERS : ASK_AGAIN)) : 0
  const isOldCopy = session?.record.stale === true && session.record.state === 'rejoining'
  const named = isOldCopy ? await namedSince(core, ask.room) : undefined
  const people = [...new Set([...(named === undefined ? [] : [core.self.address, ...named.people]), ...ask.people])]
  const relays = [...new Set([...ask.relays, ...(named?.relays ?? [])])]
  await askPeople(core, session, { ...ask, relays }, windowOf(people, round))
  if (perhapsUntil !== undefined) return { again: Math.max(perhapsUntil - core.clock.now(), 1) }
  return {
    again: Math.min(isFresh ? ASK_OTHERS : ASK_AGAIN, back === undefined ? ASK_AGAIN : Math.min(back, PATIENCE)),
  }
}

/** This device went back, and asks whether somebody is over there after all: who is answers by where that is. */
export const askAfterAll = async (session: RoomSession): Promise<void> => {
  const { core, record } = session
  const { unanswered } = record
  if (unanswered === undefined) return
  const ask = askFor(session, { ...record, topic: unanswered.topic })
  const round = Math.floor(Math.max(core.clock.now() - unanswered.at, 0) / ASK_AGAIN)
  await askPeople(core, session, ask, windowOf(ask.people, round))
}

type Asked = Pick<Extract<JobTask, { readonly kind: 'ask' }>, 'room' | 'topic' | 'suite' | 'relays'>

/** Leaves a request with every device of these people. */
const askPeople = async (
  core: Core,
  session: RoomSession | undefined,
  { room, topic, suite, relays }: Asked,
  people: readonly Address[],
): Promise<void> => {
  const { publicPackage: keyPackage } = await makeKeyPackage(core, suite)
  const since = session && personOf(session.snapshot, core.self.address)?.since
  const read = session && readBefore(session.record, topic)
  const body = encodeAdmitRequest({
    room: fromHex(room) as Uint8Array,
    topic,
    keyPackage,
    ...(since === undefined ? {} : { since, ...(read === undefined ? {} : { read }) }),
  })
  for (const address of people) {
    const log = await known(core, address, relays)
    const others = (log === undefined ? [] : activeDevices(log)).filter(
      (device) => !core.self.isOwnDevice(device.deviceKey),
    )
    for (const { deviceKey } of others.sort((a, b) => compareBytes(a.deviceKey, b.deviceKey)))
      await addJob(
        core.store,
        `post/admit/${room}/${toHex(deviceKey)}`,
        { kind: 'post', item: 'admit', address, deviceKey, body, reference: core.crypto.random(16) },
        core.clock.now(),
      )
  }
}

/** It left this device at least once. Whether it counts is read where the device cannot read any more. */
const saidGoodbye = async ({ core, id }: RoomSession): Promise<boolean> => {
  const rows = await core.store.read((tx) => tx.page<IntentRecord>('outbox', { scope: id, limit: 10_000 }))
  return !rows.some(({ value: { control, tried } }) => control?.kind === 'leave' && tried.length === 0)
}

/** Who said goodbye and is let in by nobody is out: those who read it have taken this person out, and answer no more. */
const closeDoor = async (session: RoomSession): Promise<void> => {
  const { core, id: room } = session
  await session.lock.run(async () => {
    if (session.record.state !== 'rejoining') return
    const record: RoomRecord = { ...session.record, state: 'closed' }
    await core.store.write(async (tx) => {
      session.put(tx, { record })
      await putJob(tx, `archive/${room}`, { kind: 'archive', room }, core.clock.now())
    })
    session.settle({ record })
  })
  await failWaiting(core, room)
}

/** The people who are asked in a round: the next ones each time, and from the beginning again. */
const windowOf = (people: readonly Address[], round: number): readonly Address[] => {
  const rounds = Math.max(Math.ceil(people.length / ASKED), 1)
  const first = (round % rounds) * ASKED
  return people.slice(first, first + ASKED)
}

/** A person's log, newest or as it is known: one who cannot be found does not keep others from being asked. */
const known = async (core: Core, address: Address, hints: readonly RelayUrl[]): Promise<IdentityLog | undefined> => {
  try {
    return await core.directory.lookUp(address, { hints, home: core.self.relays }, { signal: core.signal })
  } catch (error) {
    core.signal.throwIfAborted()
    if (!isDchatError(error)) throw error
    return core.directory.peek(address)
  }
}

/** A commit with a path heals what a thief of old keys could read; owed once after joining and then weekly. */
export const updateLeaf = async (
  core: Core,
  rooms: Rooms,
  room: string,
): Promise<void | { readonly again: number }> => {
  const session = rooms.get(room)
  if (!session?.isMember || session.record.leaving) return
  const wait = () => leftOf(session.record.update, core.clock.now())
  if (wait() > 0) return { again: wait() }
  await commitChange(session, () => (wait() > 0 ? undefined : { change: { kind: 'update' } }))
  return { again: Math.max(wait(), TURN) }
}

/** Any member takes revoked devices out (identity.md); the own one cannot. */
export const removeRevoked = async (core: Core, rooms: Rooms, room: string): Promise<void> => {
  const session = rooms.get(room)
  if (!session?.isMember) return
  const revoked = (now: RoomSession) =>
    now
      .member()
      .members.filter(({ address, deviceKey }) => core.directory.isRevoked(address, deviceKey))
      .filter(({ deviceKey }) => !core.self.isOwnDevice(deviceKey))
      .slice(0, REVOKED)
  while (session.isMember && revoked(session).length > 0)
    await commitChange(session, (now) => {
      const leaves = revoked(now).map(({ leaf }) => leaf)
      return leaves.length === 0 ? undefined : { change: { kind: 'remove', leaves } }
    })
}
