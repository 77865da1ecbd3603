import { personOf } from '../../domain/rooms/permissions.ts'
import { decodeMovedNote, encodeMovedNote, type MovedNote } from '../../protocol/inbox/bodies.ts'
import type { Move } from '../../protocol/inbox/moves.ts'
import { isSameHub } from '../../protocol/topic/hub.ts'
import type { Address } from '../../records/ids.ts'
import { equalBytes, fromHex, toHex } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import { takeProof } from '../faults/take-proof.ts'
import { putJob } from '../jobs.ts'
import type { ForkRecord, HintRecord } from '../records.ts'
import { forkFrom, hinted, standing } from './forks.ts'
import { hubsIn } from './hubs-in.ts'
import { rejoinElsewhere } from './rejoin-elsewhere.ts'
import type { Rooms } from './rooms.ts'
import { epochOf, type RoomSession } from './session.ts'

/** A member says where the conversation went on: what this device makes of it depends on where it stands (hubs.md). */
export const takeMovedNote = async (
  _: Core,
  rooms: Rooms,
  by: Address,
  deviceKey: Uint8Array,
  body: Uint8Array,
): Promise<void> => {
  const note = decodeMovedNote(body)
  const session = rooms.get(toHex(note.room))
  if (session === undefined) return
  const { record } = session
  if (record.state === 'closed' || record.state === 'creating') return
  const isMember = personOf(session.snapshot, by) !== undefined
  if (isMember && note.proof !== undefined && equalBytes(record.topic, note.from)) await takeProof(session, note.proof)
  const isNamed = hubsIn(session).some((hub) => isSameHub(hub, note.hub) && hub.url === note.hub.url)
  if (!isNamed || equalBytes(record.topic, note.topic)) return
  const fork = forkFrom(record, note.from)
  if (fork !== undefined) return fromAnother(session, rooms, note, { fork, isMember, by: { address: by, deviceKey } })
  if (isMember && equalBytes(record.topic, note.from))
    return fromTheOldHub(session, rooms, note, { address: by, deviceKey })
}

type Teller = HintRecord['by']

/** It is where the others were: it looks there and in the old log, or asks to be let in where they know of more. */
const fromTheOldHub = async (
  session: RoomSession,
  rooms: Rooms,
  { hub, topic, epoch }: Pick<MovedNote, 'hub' | 'topic' | 'epoch'>,
  by: Teller,
): Promise<void> => {
  const { core, record } = session
  if (record.state !== 'open' && record.state !== 'voided') return
  const isLeaving = record.caught !== undefined || core.links.downFor(record.hub.url) > 0
  if (epoch > epochOf(record) && isLeaving) return rejoinElsewhere(session, rooms, { hub, topic, epoch })
  await session.lock.run(async () => {
    const next = hinted(session.record, { by, topic, hub, epoch })
    await core.store.write(async (tx) => {
      session.put(tx, { record: next })
      await putJob(tx, `handover/${next.id}`, { kind: 'handover', room: next.id }, core.clock.now())
    })
    session.settle({ record: next })
  })
}

/**
 * The conversation went on at two hubs from one topic, though it may have been moved again since: one of them stands, and
 * who knows of it tells the other. Who was taken out here is told, and not followed.
 */
const fromAnother = async (
  session: RoomSession,
  rooms: Rooms,
  note: MovedNote,
  { fork, isMember, by }: { readonly fork: ForkRecord; readonly isMember: boolean; readonly by: Teller },
): Promise<void> => {
  const stands = standing(fork, note)
  if (stands === 'own') return tell(session, fork, [by])
  if (stands === undefined || !isMember) return
  // The others here may have heard of it from this device alone.
  const others = session.group?.members.filter(({ deviceKey }) => !session.core.self.isOwnDevice(deviceKey)) ?? []
  if (fork.told) await tell(session, { from: note.from, to: note.topic, hub: note.hub, epoch: note.epoch }, others)
  await rejoinElsewhere(session, rooms, note, fork)
}

/**
 * A member would let this device in, and says which moves led there. Where they part from those that this device knows, the side that
 * stands is followed; where they go on from its topic, it looks as after a hint.
 */
export const takeMoves = async (
  session: RoomSession,
  rooms: Rooms,
  address: Address,
  moves: readonly Move[],
): Promise<void> => {
  const { record, snapshot, group } = session
  const deviceKey = group?.members.find((member) => member.address === address)?.deviceKey
  const isHere = record.state !== 'closed' && record.state !== 'creating'
  if (!isHere || personOf(snapshot, address) === undefined || deviceKey === undefined) return
  const isNamed = ({ hub }: Move) => hubsIn(session).some((named) => isSameHub(named, hub) && named.url === hub.url)
  for (const move of moves.filter(isNamed)) {
    const { from, to: topic, hub, epoch } = move
    const fork = forkFrom(record, from)
    const stands = fork === undefined || equalBytes(fork.to, topic) ? undefined : standing(fork, move)
    if (stands === 'own') return
    if (fork !== undefined && stands === 'other') return rejoinElsewhere(session, rooms, { hub, topic, epoch }, fork)
    if (equalBytes(from, record.topic))
      await fromTheOldHub(session, rooms, { hub, topic, epoch }, { address, deviceKey })
  }
}

/** The room has gone on: whoever had said that it does elsewhere hears of a side that stands against theirs, or is followed. */
export const holdHints = async (
  session: RoomSession,
  rooms: Rooms,
  from: Uint8Array,
  hints: readonly HintRecord[],
): Promise<void> => {
  for (const hint of hints) {
    const fork = forkFrom(session.record, from)
    const stands = fork === undefined ? undefined : standing(fork, hint)
    if (fork === undefined || stands === undefined) continue
    await (stands === 'own' ? tell(session, fork, [hint.by]) : rejoinElsewhere(session, rooms, hint, fork))
  }
}

const tell = async (
  { core, record }: RoomSession,
  { from, to: topic, hub, epoch }: Pick<ForkRecord, 'from' | 'to' | 'hub' | 'epoch'>,
  whom: readonly Teller[],
): Promise<void> => {
  const body = encodeMovedNote({ room: fromHex(record.id) as Uint8Array, from, topic, hub, epoch })
  await core.store.write(async (tx) => {
    for (const { address, deviceKey } of whom) {
      const reference = core.crypto.random(16)
      const task = { kind: 'post', item: 'moved', address, deviceKey, body, reference } as const
      await putJob(tx, `post/moved/${record.id}/${toHex(deviceKey)}`, task, core.clock.now())
    }
  })
}
