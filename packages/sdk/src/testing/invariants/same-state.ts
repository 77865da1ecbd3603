import { type Facts, type Invariant, type MessageSight, type RoomSight, type Sight, spotName } from './sight.ts'

/** The same state at all members that have read equally far: content, wordings, reactions, deletions, pins, timers. */
export const sameState = (): Invariant => ({
  name: 'the same state everywhere',
  look: (sight, facts) =>
    sight.fresh.rooms.length + sight.fresh.messages.length === 0
      ? []
      : facts
          .sights()
          .filter(({ device }) => device !== sight.device)
          .flatMap((other) => compare(sight, other, facts)),
})

const equallyFar = (a: RoomSight, b: RoomSight | undefined): boolean =>
  b !== undefined && a.topic === b.topic && a.seq === b.seq

const compare = (a: Sight, b: Sight, facts: Facts): readonly string[] =>
  [...a.rooms.values()].flatMap((room) => {
    if (!equallyFar(room, b.rooms.get(room.id))) return []
    const different = [...a.messages.values()].find(
      (message) => message.room === room.id && !agrees(message, b.messages.get(message.id), [a, b], facts),
    )
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
  return !facts.whole(one.device, spot) || !facts.whole(two.device, spot)
}
