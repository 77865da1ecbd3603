import type { Offence } from '../schedule/stage.ts'
import type { Invariant } from './sight.ts'

/** Who is proven to have broken a rule by a commit is out in the term that follows. */
export const offendersOut = (offences: () => readonly Offence[]): Invariant => ({
  name: 'who is proven to break the rules is out',
  // A new topic begins with the commit that takes the offender out.
  look: ({ device, fresh }) =>
    fresh.rooms.flatMap((room) =>
      offences()
        .filter(({ room: where, term }) => where === room.id && room.term > term && room.seq > 0)
        .filter(({ address, epoch }) =>
          room.snapshot.people.some((person) => person.address === address && person.since <= epoch),
        )
        .map(({ epoch }) => `${device} still has the offender of epoch ${epoch} in ${room.id.slice(0, 8)}`),
    ),
  end: (facts) =>
    facts.sights().flatMap(({ device, rooms }) =>
      offences().flatMap(({ room: where, term }) => {
        const room = rooms.get(where)
        return room === undefined || room.state !== 'open' || room.term > term
          ? []
          : [`${device} went on in term ${term} of ${where.slice(0, 8)} after a proven offence`]
      }),
    ),
})
