import { ASIDE } from '../../client/message-life/place-message.ts'
import type { Facts, Invariant, MessageSight, RoomSight, Sight } from './sight.ts'

/**
 * Where a conversation may go on at another relay, and for a while at two (hubs.md): in the end everybody who is in is in
 * one topic and one epoch of it, has read it to its end and waits for nothing; and what a member saw as sent is at every
 * other one who was there then, in one order.
 */
export const together = (): Invariant => ({
  name: 'everybody is together again',
  end: (facts) => [...roomsIn(facts)].flatMap((room) => problemsOf(room, facts)),
})

const roomsIn = (facts: Facts): ReadonlySet<string> =>
  new Set(
    facts
      .sights()
      .flatMap(({ rooms }) => [...rooms.values()].filter(({ kind }) => kind === 'group').map(({ id }) => id)),
  )

interface In {
  readonly sight: Sight
  readonly room: RoomSight
}

const problemsOf = (id: string, facts: Facts): readonly string[] => {
  const all = facts.sights().flatMap((sight): In[] => {
    const room = sight.rooms.get(id)
    return room === undefined || room.state === 'closed' ? [] : [{ sight, room }]
  })
  const [first] = all.filter(({ room }) => room.state === 'open')
  const name = id.slice(0, 8)
  if (first === undefined)
    return all.map(({ sight, room }) => `${sight.device} is in ${name} and yet it is ${room.state}`)
  const members = new Set(first.room.snapshot.people.map(({ address }) => address as string))
  const apart = all.flatMap(({ sight, room }) => {
    const { device } = sight
    if (room.state !== 'open') return [`${device} is in ${name} and yet it is ${room.state}`]
    if (!members.has(sight.address)) return [`${device} is in ${name} where others do not have it`]
    if (room.topic !== first.room.topic || room.epoch !== first.room.epoch)
      return [`${device} and ${first.sight.device} are in different places of ${name}`]
    const { length } = facts.log(room.topic)
    return [
      ...(room.seq === length ? [] : [`${device} has read ${name} up to ${room.seq} of ${length}`]),
      ...(room.pending ? [`${device} has a commit in ${name} that waits for ever`] : []),
      ...(textsOf({ sight, room }).some(({ state }) => WAITS.includes(state))
        ? [`${device} has messages in ${name} that wait for ever`]
        : []),
    ]
  })
  return apart.length > 0 ? apart : all.flatMap((one) => lost(one, all))
}

const WAITS: readonly MessageSight['state'][] = ['queued', 'sending']
const SENT: readonly MessageSight['state'][] = ['sent', 'delivered', 'read']

const textsOf = ({ sight, room }: In): readonly MessageSight[] =>
  [...sight.messages.values()].filter((message) => message.room === room.id && !message.isNotice)

/**
 * What its author is still in with, every other device has that was in all the time. What an author said on a side of the conversation
 * whose others had taken them out, they do not say again when they are asked in again.
 */
const lost = (one: In, all: readonly In[]): readonly string[] =>
  textsOf(one)
    .filter(({ own, device, state }) => own && device === one.sight.deviceId && SENT.includes(state))
    .filter(({ spot }) => wasThere(one.sight, one.room) || (spot?.seq ?? 0) < ASIDE)
    .flatMap(({ id }) =>
      all
        .filter(({ room, sight }) => wasThere(sight, room) && !sight.messages.has(id))
        .map(({ sight }) => `${sight.device} does not have what ${one.sight.device} saw as sent`),
    )

/** The epoch that began when the group was made. */
const FIRST = 1

const wasThere = ({ address }: Sight, { snapshot }: RoomSight): boolean =>
  snapshot.people.some((person) => person.address === address && person.since <= FIRST)
