import { placeInRoom, placeOf } from '../../domain/messages/place.ts'
import type { StoreWriter } from '../../domain/store/store.ts'
import { deviceIdOf } from '../../protocol/identity/address.ts'
import type { Move } from '../../protocol/inbox/moves.ts'
import { type Snapshot, TERM_LIMIT } from '../../protocol/messages/snapshot.ts'
import type { Group } from '../../protocol/mls/engine.ts'
import type { Address } from '../../records/ids.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import { leftOf, waitFrom } from '../../util/time.ts'
import { dmId, dmWith, getConversation, groupId, groupOf, nextCount, putConversation } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import { noteEntered } from '../history/note.ts'
import { putControlIntent } from '../intents.ts'
import { putJob } from '../jobs.ts'
import { showPins } from '../message-life/pins.ts'
import { enteredSelf } from '../personal/entered.ts'
import type { ControlRecord, ConversationRecord, HubRecord, RoomRecord } from '../records.ts'
import { tellDevices } from '../tell-devices.ts'
import { forksBy } from './forks.ts'
import { mergeInto } from './merge-dm.ts'
import { peerOf } from './people.ts'
import { cursorOf, readsOn } from './read-on.ts'
import type { Rooms } from './rooms.ts'
import { dropPendingGroup, getControl, pastKey, putGroupAt, putRoom, type RoomSession } from './session.ts'
import { signLeave } from './sign-leave.ts'
import { putNotice } from './store-effects.ts'

const DAY = 24 * 3_600_000

/** What a joiner holds once a Welcome or an external commit has been checked. */
export interface Entrance {
  readonly room: string
  readonly topic: Uint8Array
  readonly hub: HubRecord
  readonly suite: RoomRecord['suite']
  readonly snapshot: Snapshot
  readonly group: Group
  readonly seed: Uint8Array
  readonly seq: number
  readonly epochSeq: number
  /** Who let this device in. */
  readonly from: Address
  readonly head: Uint8Array
  readonly time: number
  /** By a key package from a backup: the device that it was made on may have joined by it before. */
  readonly restored?: true
  /** The moves to other hubs that led there, by the word of who let this device in. */
  readonly moves?: readonly Move[]
  /** Who has accepted, by the inviter's word. */
  readonly heard?: readonly Address[]
}

/** Stores the room that was entered, in its conversation, and starts it. */
export const enterRoom = async (
  core: Core,
  rooms: Rooms,
  entrance: Entrance,
  also: (tx: StoreWriter) => void,
): Promise<void> => {
  const { room: id, snapshot } = entrance
  const rival = await rivalOf(core, rooms, entrance)
  const goodbye = await signLeave(core, entrance)
  // Loaded before the transaction, which waits for nothing else.
  const later = rooms.get(id)?.snapshot.hubs === undefined ? undefined : await import('../later.ts')
  let left: Awaited<ReturnType<NonNullable<typeof later>['leaveTopic']>> | undefined
  const store = () =>
    core.store.write(async (tx) => {
      const earlier = await tx.get<RoomRecord>('rooms', id)
      const now = core.clock.now()
      // It had come in where the others were no more, and leaves that (hubs.md).
      const isElsewhere = earlier?.state === 'open' && !equalBytes(earlier.topic, entrance.topic)
      if (isElsewhere) left = await later?.leaveTopic(tx, core, earlier, snapshot.term)
      else if (earlier !== undefined) left = await later?.endSide(tx, core, earlier, snapshot)
      const known = left?.record ?? earlier
      const conversation = await conversationOf(tx, core, entrance)
      const record = await roomRecord(tx, core, entrance, conversation, known)
      const control = await controlRecord(tx, entrance, earlier)
      await showPins(tx, (await getControl(tx, id))?.snapshot.pins ?? [], control.snapshot.pins)
      putRoom(tx, core, { record, group: entrance.group, control })
      const past = rooms.get(id)?.group
      if (past !== undefined && readsOn(entrance, earlier)) putGroupAt(tx, core, pastKey(id), past)
      dropPendingGroup(tx, id)
      if (conversation === undefined) {
        if (snapshot.kind === 'self') await enteredSelf(tx, entrance, now)
      } else if (conversation.kind === 'dm') await mergeInto(tx, core, conversation, record, earlier === undefined)
      else await enterGroup(tx, core, { ...entrance, goodbye }, conversation, record, earlier)
      await putJob(tx, `archive/${id}`, { kind: 'archive', room: id }, now)
      // Where this device takes the past, what was said until now is still to be taken.
      if (snapshot.kind !== 'self' && snapshot.kind !== 'channel')
        await noteEntered(tx, id, placeInRoom(snapshot, snapshot.term, entrance.seq), now)
      await putJob(tx, `update/${id}`, { kind: 'update', room: id }, now, leftOf(record.update, now))
      if (snapshot.kind === 'group' && snapshot.bots)
        await putJob(tx, `channels/${id}`, { kind: 'channels', room: id }, now)
      tx.delete('jobs', `ask/${id}`)
      tx.delete('jobs', `repair/${id}`)
      // It came from another hub: what it said there, nobody here may know.
      if (earlier?.state === 'rejoining' && earlier.handover !== undefined)
        await later?.sayAgain(tx, core, record, later.owed(record, earlier.handover.readBy, entrance.group.members))
      else if (isElsewhere) await later?.sayAgain(tx, core, record, () => 'again')
      await later?.redoLater(tx, core, record)
      if (record.stale) await putJob(tx, `replace-leaf/${id}`, { kind: 'replace-leaf', room: id }, now)
      also(tx)
      return (await tx.get<RoomRecord>('rooms', id)) ?? record
    })
  const enter = async (): Promise<RoomRecord> => {
    const stored = await store()
    if (rival !== undefined) {
      const changed = await core.store.read((tx) => tx.get<RoomRecord>('rooms', rival.id))
      rival.settle({ record: changed ?? rival.record })
    }
    await rooms.adopt(stored)
    return stored
  }
  // The merge may give the rival another place, and the room may be read again already: neither writes what it was over this.
  const others = [rooms.get(id), rival].flatMap((session) => (session === undefined ? [] : [session]))
  const record = await locked(others, enter)
  rival?.outgoing.open()
  left?.tell()
  if (snapshot.kind !== 'self' && snapshot.kind !== 'channel')
    core.events.emit({ type: 'rejoin', conversation: record.conversation, state: 'done' })
}

/** In the order of their ids: two that wait for each other would wait for ever. */
const locked = <T>(sessions: readonly RoomSession[], work: () => Promise<T>): Promise<T> =>
  [...sessions]
    .sort((a, b) => (a.id < b.id ? 1 : -1))
    .reduce<() => Promise<T>>(
      (inner, { lock }) =>
        () =>
          lock.run(inner),
      work,
    )()

const rivalOf = async (core: Core, rooms: Rooms, { room, snapshot }: Entrance): Promise<RoomSession | undefined> => {
  const peer = peerOf(snapshot, core.self.address)
  if (peer === undefined) return undefined
  const conversation = await core.store.read((tx) => getConversation(tx, dmId(core.self.address, peer)))
  const active = conversation?.active
  return active === undefined || active === room ? undefined : rooms.get(active)
}

/** None for a self-conversation, and for a channel but at its bot, to which it is the group: nobody sees it. */
const conversationOf = async (
  tx: StoreWriter,
  core: Core,
  { room, snapshot }: Entrance,
): Promise<ConversationRecord | undefined> => {
  const { parent, bots } = snapshot
  if (snapshot.kind === 'self' || (parent && bots?.[0]?.address !== core.self.address)) return undefined
  const peer = peerOf(snapshot, core.self.address)
  const now = core.clock.now()
  if (parent) return groupOf(tx, toHex(parent), snapshot.name, now)
  return peer === undefined ? groupOf(tx, room, snapshot.name, now) : dmWith(tx, core.self.address, peer, now)
}

const roomRecord = async (
  tx: StoreWriter,
  core: Core,
  entrance: Entrance,
  conversation: ConversationRecord | undefined,
  earlier: RoomRecord | undefined,
): Promise<RoomRecord> => {
  const { room: id, topic, hub, suite, snapshot, group, epochSeq } = entrance
  const base = earlier ?? {
    id,
    ordinal: await nextCount(tx, 'rooms'),
    conversation: conversation?.id ?? groupId(id),
    spoke: { own: false, peer: false },
  }
  const {
    pending: _,
    voided: __,
    successor: ___,
    unable: ____,
    leaving,
    logCarried: _____,
    laterThan: _________,
    toldGone: __________,
    left: ___________,
    unanswered: ____________,
    ...rest
  } = base as RoomRecord
  const since = ({ people }: Snapshot) => people.find(({ address }) => address === core.self.address)?.since
  const known = leaving ? await getControl(tx, id) : undefined
  const { haltedAt: ______, opening: _______, stale: ________, seen, added, handover, ...kept } = rest
  const isSame = earlier !== undefined && equalBytes(earlier.topic, topic)
  return {
    ...kept,
    ...(isSame && seen ? { seen } : {}),
    ...(isSame && added ? { added } : {}),
    // What another topic continues says nothing of this one, unless this device was on its way here.
    ...(handover && (isSame || earlier?.state === 'rejoining') ? { handover } : {}),
    // A goodbye holds for the stay in which it was said.
    ...(known !== undefined && since(known.snapshot) === since(snapshot) ? { leaving: true } : {}),
    ...(entrance.restored ? { stale: true } : {}),
    ...(entrance.moves === undefined ? {} : { forks: forksBy(rest, entrance.moves) }),
    topic,
    hub,
    suite,
    // A direct message's room may have been given another place among its like.
    // A bot's channels to one group follow each other, whatever the group's own terms are.
    term:
      earlier === undefined
        ? termOf(snapshot, conversation)
        : Math.max(earlier.term, snapshot.kind === 'dm' ? 0 : snapshot.term),
    state: 'open',
    ...cursorOf(entrance, earlier),
    ...(readsOn(entrance, earlier) ? {} : { missed: placeInRoom(snapshot, snapshot.term, entrance.seq) }),
    epochSeq,
    firstEpoch: isSame ? earlier.firstEpoch : 0,
    joinedEpoch: group.epoch,
    update: waitFrom(core.clock.now(), withinADay(core)),
  }
}

const CHANNELS = TERM_LIMIT / 2

const termOf = ({ parent, term }: Snapshot, conversation: ConversationRecord | undefined): number =>
  parent && conversation ? CHANNELS + conversation.rooms.length : term

/** Joiners heal their leaves within a day, each at a time of its own (identity.md). */
const withinADay = ({ crypto }: Pick<Core, 'crypto'>): number => {
  const [a = 0, b = 0] = crypto.random(2)
  return Math.floor(((a * 256 + b) / 65_536) * DAY)
}

const controlRecord = async (
  tx: StoreWriter,
  { room, snapshot, from, heard = [] }: Entrance,
  earlier: RoomRecord | undefined,
): Promise<ControlRecord> => {
  const known = earlier === undefined ? undefined : await getControl(tx, room)
  return { snapshot, named: known?.named ?? {}, heard: [...new Set([...(known?.heard ?? []), ...heard, from])] }
}

/** A group that this person was not in before shows who asked them in, and is told that they came. */
const enterGroup = async (
  tx: StoreWriter,
  core: Core,
  { snapshot, from, seq, time, group, goodbye }: Entrance & { readonly goodbye: Uint8Array },
  conversation: ConversationRecord,
  record: RoomRecord,
  earlier: RoomRecord | undefined,
): Promise<void> => {
  const { invitation: _, restoring, answered, ...rest } = conversation
  const { name, timer } = snapshot
  // Devices that this one had not heard of stand in the group.
  const own = group.members.filter(({ address }) => address === core.self.address)
  if (answered !== undefined) await tellDevices(tx, core, record.id, answered === 'accepted', own)
  if (answered === 'declined') {
    // Only a member's word that it leaves is proof for everybody: a person who declines comes in to say so.
    await putConversation(tx, { ...rest, declined: true, rooms: [record.id] })
    tx.put('rooms', { key: record.id, scope: 'all', position: record.ordinal, value: { ...record, leaving: true } })
    await putControlIntent(tx, core, record.id, { kind: 'leave', signature: goodbye })
    return
  }
  await putConversation(
    tx,
    { ...rest, name, timer, active: record.id, rooms: [...new Set([...rest.rooms, record.id])] },
    { moveUp: true },
  )
  if ((earlier !== undefined && earlier.state !== 'closed') || restoring || from === core.self.address) return
  const inviter = group.members.find(({ address }) => address === from)
  if (inviter !== undefined)
    await putNotice(tx, core, record, {
      notice: { kind: 'added', by: from, people: [core.self.address] },
      device: deviceIdOf(inviter.deviceKey),
      at: time,
      place: placeOf(record.term, seq),
    })
  await putControlIntent(tx, core, record.id, { kind: 'accept' })
}
