import type { Facts, Invariant, RoomSight, Sight } from './sight.ts'

/**
 * In the end everybody who is in has read everything, waits for nothing and has nothing on the way; who is out knows it.
 */
export const converged = (): Invariant => ({
  name: 'everybody arrives',
  end: (facts) =>
    facts.sights().flatMap((sight) => [...sight.rooms.values()].flatMap((room) => left(sight, room, facts))),
})

const left = ({ device, deviceId, messages }: Sight, room: RoomSight, facts: Facts): readonly string[] => {
  const name = room.id.slice(0, 8)
  const newest = facts.newest(room.id)
  const members = newest === undefined ? undefined : facts.members(room.id, newest)
  if (room.kind !== 'group') return room.state === 'open' ? arrived(device, room, facts) : []
  if (members === undefined || newest === undefined) return []
  if (!members.has(deviceId))
    return room.state === 'closed' ? [] : [`${device} is out of ${name} and does not know it: it is ${room.state}`]
  // Out, and asked in again since; or the last one, who just closed the door.
  const isOver = room.invited || room.snapshot.people.length === 1
  if (room.state === 'closed' && isOver) return []
  if (room.state === 'rejoining' && isSilent(deviceId, room, members, facts)) return []
  // Its keys went with the lost store, and there is nobody to ask (backup.md).
  if (room.state === 'rejoining' && members.size === 1 && facts.restored(device)) return []
  if (room.state !== 'open') return [`${device} is in ${name} and yet it is ${room.state}`]
  const unsent = [...messages.values()].filter(
    (message) => message.room === room.id && (message.state === 'queued' || message.state === 'sending'),
  )
  return [
    ...(room.epoch === newest ? [] : [`${device} is in epoch ${room.epoch} of ${name}, others are in ${newest}`]),
    ...arrived(device, room, facts),
    ...(unsent.length === 0 || room.leaving
      ? []
      : [`${device} has ${unsent.length} messages in ${name} that wait for ever`]),
  ]
}

/**
 * A device that cannot follow a commit waits while somebody who may have followed has not spoken: here, a person who was
 * asked in and has not entered (groups.md). It would rather wait than split the group.
 */
const isSilent = (own: string, room: RoomSight, members: ReadonlySet<string>, facts: Facts): boolean => {
  const entered = new Set(
    facts.sights().flatMap(({ deviceId, rooms }) => {
      const state = rooms.get(room.id)?.state
      return state === undefined || state === 'closed' ? [] : [deviceId as string]
    }),
  )
  return [...members].some((device) => device !== own && !entered.has(device))
}

const arrived = (device: string, room: RoomSight, facts: Facts): readonly string[] => {
  const { length } = facts.log(room.topic)
  return [
    ...(room.seq === length ? [] : [`${device} has read ${room.id.slice(0, 8)} up to ${room.seq} of ${length}`]),
    ...(room.pending ? [`${device} has a commit in ${room.id.slice(0, 8)} that waits for ever`] : []),
  ]
}
