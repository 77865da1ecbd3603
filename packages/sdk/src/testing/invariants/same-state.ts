import {
  type Facts,
  type Invariant,
  type MessageSight,
  type RoomSight,
  type Sight,
  type Spot,
  spotName,
} from './sight.ts'

/**
 * The same state at all members that have read equally far: content, wordings, reactions, deletions, pins, timers. What
 * was handed on to a new device is as its giver had it then; in the end it is as everywhere, if a giver saw everything.
 */
export const sameState = (): Invariant => ({
  name: 'the same state everywhere',
  look: (sight, facts) =>
    sight.fresh.rooms.length + sight.fresh.messages.length === 0
      ? []
      : facts
          .sights()
          .filter(({ device }) => device !== sight.device)
          .flatMap((other) => compare(sight, other, facts, (pair) => !pair.some(isHandedOn))),
  end: (facts) =>
    facts
      .sights()
      .flatMap((sight) => facts.sights().map((other) => [sight, other] as const))
      .filter(([sight, other]) => sight.device !== other.device)
      .flatMap(([sight, other]) => compare(sight, other, facts, (pair) => pair.some(isHandedOn))),
})

const isHandedOn = (message: MessageSight | undefined): boolean => message?.isHistory === true

/** Who was let in again by a later state knows what is pinned there before they have read that far. */
const equallyFar = (a: RoomSight, b: RoomSight | undefined): boolean =>
  b !== undefined && a.topic === b.topic && a.seq === b.seq && a.epoch === b.epoch

const compare = (
  a: Sight,
  b: Sight,
  facts: Facts,
  counts: (pair: readonly [MessageSight, MessageSight | undefined]) => boolean,
): readonly string[] =>
  [...a.rooms.values()].flatMap((room) => {
    if (!equallyFar(room, b.rooms.get(room.id))) return []
    const different = [...a.messages.values()].find((message) => {
      const other = b.messages.get(message.id)
      return message.room === room.id && counts([message, other]) && !agrees(message, other, [a, b], facts)
    })
    return different?.spot === undefined
      ? []
      : [
          `${a.device} and ${b.device} have both read up to ${room.seq}, and show ${spotName(different.spot)} differently`,
        ]
  })

const agrees = (a: MessageSight, b: MessageSight | undefined, [one, two]: readonly [Sight, Sight], facts: Facts) => {
  if (b === undefined || a.shown === b.shown || a.isNotice) return true
  const { spot } = a
  if (spot === undefined || b.spot === undefined) return true
  return !sawAll(one, a, spot, facts) || !sawAll(two, b, spot, facts)
}

/** The device read everything that was done to the message, or one that could hand it on, and has read as far, did. */
const sawAll = (sight: Sight, { id, room, isHistory }: MessageSight, spot: Spot, facts: Facts): boolean => {
  const { device, address, rooms } = sight
  const own = rooms.get(room)
  const givers = facts
    .sights()
    .filter((other) => other.address === address && other.device !== device)
    .filter((other) => own !== undefined && equallyFar(own, other.rooms.get(room)))
  const sawGiver = givers.some(
    (other) => other.messages.get(id)?.isHistory === false && facts.whole(other.device, spot),
  )
  return facts.whole(device, spot) && (!isHistory || sawGiver)
}
