import type { Invariant, OfferSight, Sight } from './sight.ts'

/**
 * Every offer stands the same at all devices that have read equally far and missed nothing of it; and nobody lacks one
 * without having missed where it began.
 */
export const sameOffers = (): Invariant => ({
  name: 'every offer stands the same everywhere',
  look: (sight, facts) =>
    sight.fresh.rooms.length + sight.fresh.messages.length === 0
      ? []
      : facts
          .sights()
          .filter(({ device }) => device !== sight.device)
          .flatMap((other) => [...compare(sight, other), ...compare(other, sight)]),
})

const isAsFar = (one: Sight, other: Sight, room: string): boolean => {
  const [a, b] = [one.rooms.get(room), other.rooms.get(room)]
  return a !== undefined && b !== undefined && a.topic === b.topic && a.seq === b.seq && a.state === b.state
}

const compare = (one: Sight, other: Sight): readonly string[] =>
  [...one.offers].flatMap(([key, offer]) => {
    if (!offer.whole || !isAsFar(one, other, offer.room)) return []
    const what = difference(offer, other.offers.get(key), other)
    return what === undefined ? [] : [`${one.device} and ${other.device} ${what} ${offer.id.slice(0, 8)}`]
  })

const difference = (offer: OfferSight, same: OfferSight | undefined, other: Sight): string | undefined => {
  if (same === undefined)
    return (other.missed.get(offer.room) ?? -1) >= offer.first ? undefined : 'do not both have offer'
  return same.whole && same.shown !== offer.shown ? 'disagree on offer' : undefined
}
