import type { Hub } from '../../protocol/topic/hub.ts'
import { toHex } from '../../util/bytes.ts'
import type { RoomRecord } from '../records.ts'
import type { RoomSession } from './session.ts'

/** A place where the room goes on. */
export interface Continuation {
  readonly hub: Hub
  readonly topic: Uint8Array
  /** The old topic's epoch from which it does. */
  readonly epoch: number
  /** Keys of the hubs where it could go on from there, as somebody says who has read so far; absent: as this device knows it. */
  readonly order?: readonly Uint8Array[]
}

/** What the topic at another hub continues. */
export const handoverOf = (
  { core, record, group }: RoomSession,
  epoch: number,
): NonNullable<RoomRecord['handover']> => {
  const { topic, hub, seen = {}, added = {}, moving, caught } = record
  const others = group?.members.filter(({ deviceKey }) => !core.self.isOwnDevice(deviceKey)) ?? []
  // Where nobody else is, nobody lacks anything.
  const readTo = (device: string): number => seen[device] ?? added[device] ?? 0
  const readBy = moving?.at?.seq ?? Math.min(record.seq, ...others.map(({ deviceKey }) => readTo(toHex(deviceKey))))
  return {
    topic,
    hub,
    epoch,
    readBy,
    ...(moving?.at === undefined ? {} : { at: moving.at }),
    ...(caught?.proof === undefined ? {} : { proof: caught.proof }),
  }
}
