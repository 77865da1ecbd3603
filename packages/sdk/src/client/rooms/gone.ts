import { placeIn, unsentPlace } from '../../domain/messages/place.ts'
import { changeOf, endsStay, type Gone, goneBy, withGone } from '../../domain/rooms/gone.ts'
import { noticeOf } from '../../domain/rooms/notices.ts'
import { personOf } from '../../domain/rooms/permissions.ts'
import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import { deviceIdOf } from '../../protocol/identity/address.ts'
import { encodedLog } from '../../protocol/identity/log.ts'
import { decodeGoneNote, encodeGoneNote } from '../../protocol/inbox/gone-note.ts'
import type { ControlChange, RemovalOrder } from '../../protocol/messages/control-change.ts'
import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import type { Address } from '../../records/ids.ts'
import { fromHex, toHex } from '../../util/bytes.ts'
import { getConversation } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import { addJob } from '../jobs.ts'
import type { GoneRecord, MessageRecord } from '../records.ts'
import { failWaiting } from './fail.ts'
import { leaveRoom } from './leave.ts'
import type { Rooms } from './rooms.ts'
import type { RoomSession } from './session.ts'
import { signRemoval } from './sign-removal.ts'
import { storeEffects } from './store-effects.ts'
import { TURN } from './turn.ts'
import type { Work } from './work.ts'

const keyOf = (room: string): string => `gone/${room}`

const goneIn = async (tx: StoreReader, room: string): Promise<GoneRecord> =>
  (await tx.get<GoneRecord>('outbox', keyOf(room))) ?? []

/** Whom a commit took out, or let go, is remembered with the word of it: they may ask to be let in, and are told. */
export const noteGone = (
  { record: { id }, control, effects }: Work,
  before: Snapshot,
  changes: readonly ControlChange[],
) => {
  const gone = goneBy(before, control.snapshot, changes)
  if (gone.length === 0) return
  const store = async (tx: StoreWriter) =>
    tx.put('outbox', { key: keyOf(id), value: withGone(await goneIn(tx, id), gone) })
  effects.push({ kind: 'personal', store })
}

/**
 * Answers a device whose person has gone, and which could not read that, by the signed word of it. Whoever may take people out
 * adds their own, because the asker may not know of the role of who did it.
 */
export const tellGone = async (
  session: RoomSession,
  address: Address,
  deviceKey: Uint8Array,
  since: number | undefined,
): Promise<void> => {
  const { core, id, snapshot } = session
  if (!session.isMember) return
  const known = await core.store.read((tx) => goneIn(tx, id))
  const gone = known.find((stay) => stay.address === address && stay.since === since)
  if (gone === undefined) return
  const { word } = gone
  if (word !== undefined) await send(session, gone, word, deviceKey)
  const { address: self } = core.self
  const leads = snapshot.kind === 'group' && personOf(snapshot, self)?.role !== 'member'
  if (!leads || word?.address === self || word?.address === address) return
  // What the one said who did it is heard first.
  await send(session, gone, await signRemoval(core, snapshot.room, address, gone.since), deviceKey, TURN)
}

/** The same to somebody who has not asked, because another side of the conversation still has them (hubs.md). */
export const tellGoneElsewhere = async (
  session: RoomSession,
  address: Address,
  deviceKey: Uint8Array,
): Promise<void> => {
  const known = await session.core.store.read((tx) => goneIn(tx, session.id))
  const last = known.findLast((stay) => stay.address === address)
  if (last !== undefined) await tellGone(session, address, deviceKey, last.since)
}

const send = async (
  { core, id }: RoomSession,
  { address, since }: Gone,
  word: RemovalOrder,
  deviceKey: Uint8Array,
  after = 0,
): Promise<void> => {
  const log = await core.directory.get(word.address)
  if (log === undefined || core.directory.isRevoked(word.address, word.deviceKey)) return
  const body = encodeGoneNote({ room: fromHex(id) as Uint8Array, since, word, log: encodedLog(log) })
  const reference = core.crypto.random(16)
  const task = { kind: 'post', item: 'gone', address, deviceKey, body, reference } as const
  await addJob(core.store, `post/gone/${id}/${toHex(deviceKey)}/${word.address}`, task, core.clock.now(), after)
}

/**
 * The answer to a device that asks to be let in, or is on another side: its person has gone. Nobody's hearsay counts, only the word of the person or
 * of somebody who may take them out, as this device knows the conversation, for their present stay.
 */
export const takeGoneNote = async (core: Core, rooms: Rooms, body: Uint8Array): Promise<void> => {
  const { room, since, word, log } = decodeGoneNote(body)
  const session = rooms.get(toHex(room))
  const gone = { address: core.self.address, since, word }
  if (session === undefined || !hears(session) || personOf(session.snapshot, word.address) === undefined) return
  const [signer] = await core.directory.learn([log])
  if (signer === undefined || core.directory.isFrozen(signer.address)) return
  const outcome = await session.lock.run(async () => {
    if (!hears(session) || !(await endsStay(core.crypto, session.snapshot, gone, signer))) return undefined
    const isOpen = session.record.state === 'open'
    await (isOpen ? askAgain(session) : close(session, gone))
    return isOpen ? 'asks' : 'over'
  })
  if (outcome === 'asks') rooms.restart(session)
  if (outcome === 'over') await failWaiting(core, session.id)
}

/** A device that can read the one log there is learns it there; on a side of the conversation nobody else may be. */
const hears = ({ record: { state, forks = [] } }: RoomSession): boolean =>
  state === 'rejoining' || (state === 'open' && forks.length > 0)

/** Whoever is on this side, too, lets it in again; the others tell it that it is out. */
const askAgain = async (session: RoomSession): Promise<void> => {
  const work: Work = { ...session.state, effects: [], spent: [], halt: 'rejoin' }
  await session.core.store.write(async (tx) => {
    await leaveRoom(tx, session, work)
    session.put(tx, { record: work.record })
  })
  session.caughtUp.shut()
  session.settle({ record: work.record })
}

/** The room is over as by a removal that was read. What a member answers who knows better still counts (rejoin.ts). */
const close = async (session: RoomSession, gone: Required<Gone>): Promise<void> => {
  const { core, record, state, control } = session
  const work: Work = { ...state, effects: [], spent: [], halt: 'closed' }
  const told = await core.store.write(async (tx) => {
    const notice = noticeOf([changeOf(gone)], gone.word.address)
    if (notice !== undefined && (await getConversation(tx, record.conversation)) !== undefined) {
      const device = deviceIdOf(gone.word.deviceKey)
      const place = await behindAll(tx, session)
      work.effects.push({ kind: 'notice', notice, device, at: core.clock.now(), place })
    }
    const effects = await storeEffects(tx, core, work, { reports: false })
    await leaveRoom(tx, session, work)
    work.record = { ...work.record, toldGone: true }
    session.put(tx, { record: work.record })
    tx.delete('jobs', `ask/${record.id}`)
    return effects
  })
  session.settle({ record: work.record, control })
  for (const message of told.messages) core.updates.emit(message)
}

/** It is said at no place of the log: it stands behind what this device has. */
const behindAll = async (tx: StoreReader, { record, snapshot }: RoomSession): Promise<number> => {
  const [last] = await tx.page<MessageRecord>('messages', {
    scope: record.conversation,
    before: unsentPlace(0),
    order: 'descending',
    limit: 1,
  })
  return Math.max(last?.value.place ?? 0, placeIn(snapshot, record.term, record.seq)) + 1
}
