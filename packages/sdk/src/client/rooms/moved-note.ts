import { beats, type Rival } from '../../domain/rooms/handover.ts'
import { personOf } from '../../domain/rooms/permissions.ts'
import { decodeMovedNote, encodeMovedNote, type MovedNote } from '../../protocol/inbox/bodies.ts'
import { isSameHub } from '../../protocol/topic/hub.ts'
import type { Address } from '../../records/ids.ts'
import { equalBytes, fromHex, toHex } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import { takeProof } from '../faults/take-proof.ts'
import { addJob } from '../jobs.ts'
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
  if (session === undefined || personOf(session.snapshot, by) === undefined) return
  const { record } = session
  if (note.proof !== undefined && equalBytes(record.topic, note.from)) await takeProof(session, note.proof)
  const isNamed = hubsIn(session).some((hub) => isSameHub(hub, note.hub) && hub.url === note.hub.url)
  if (!isNamed || equalBytes(record.topic, note.topic)) return
  if (equalBytes(record.topic, note.from)) return fromTheOldHub(session, rooms, note)
  if (record.handover !== undefined && equalBytes(record.handover.topic, note.from))
    return fromAnother(session, rooms, note, { address: by, deviceKey })
}

/** It is where the others were: it looks there and in the old log, or asks to be let in where they know of more. */
const fromTheOldHub = async (session: RoomSession, rooms: Rooms, { hub, topic, epoch }: MovedNote): Promise<void> => {
  const { core, record } = session
  if (record.state !== 'open' && record.state !== 'voided') return
  const isLeaving = record.caught !== undefined || core.links.downFor(record.hub.url) > 0
  if (epoch > epochOf(record) && isLeaving) return rejoinElsewhere(session, rooms, { hub, topic, epoch })
  const task = { kind: 'handover', room: record.id, topic } as const
  await addJob(core.store, `handover/${record.id}`, task, core.clock.now())
}

/** Two handovers of one topic: one of them stands, and who knows of it tells the other. */
const fromAnother = async (
  session: RoomSession,
  rooms: Rooms,
  note: MovedNote,
  to: { readonly address: Address; readonly deviceKey: Uint8Array },
): Promise<void> => {
  const { core, record } = session
  const { handover } = record
  if (handover === undefined) return
  const rankOf = (hub: MovedNote['hub']) => hubsIn(session).findIndex((named) => isSameHub(named, hub))
  const own: Rival = { epoch: handover.epoch, rank: rankOf(record.hub) }
  const other: Rival = { epoch: note.epoch, rank: rankOf(note.hub) }
  if (beats(other, own)) return rejoinElsewhere(session, rooms, note)
  if (!beats(own, other)) return
  const { topic, hub } = record
  const body = encodeMovedNote({
    room: fromHex(record.id) as Uint8Array,
    from: note.from,
    topic,
    hub,
    epoch: own.epoch,
  })
  const reference = core.crypto.random(16)
  const task = { kind: 'post', item: 'moved', body, reference, ...to } as const
  await addJob(core.store, `post/moved/${record.id}/${toHex(to.deviceKey)}`, task, core.clock.now())
}
