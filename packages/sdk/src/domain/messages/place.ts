/**
 * The place of an entry in its conversation: (term, seq) as one safe integer. Terms stay below 2^12,
 * entries of a term below 2^40. Own messages that have no receipt yet stand behind everything.
 */
const TERM = 2 ** 40
const UNSENT = 2 ** 52

export const placeOf = (term: number, seq: number): number => term * TERM + seq

/** What `placeOf` put together; of a place that has a receipt. */
export const placeParts = (place: number): { readonly term: number; readonly seq: number } => ({
  term: Math.floor(place / TERM),
  seq: place % TERM,
})

export const unsentPlace = (ordinal: number): number => UNSENT + ordinal

/** What came from another own device or from the archive has arrivals below 0: it is nothing new (archive.md). */
export const isHistory = (arrival: number | undefined): boolean => arrival !== undefined && arrival < 0

export const isUnsent = (place: number): boolean => place >= UNSENT

/** The topics of one direct message's room lie one behind the other within the term that the device gave it. */
const TOPIC = 2 ** 32

interface InTerm {
  readonly kind: 'dm' | 'group' | 'self' | 'channel'
  /** Topics of the room so far, as its commits have it. */
  readonly term: number
}

const within = ({ kind, term }: InTerm, seq: number): number => (kind === 'dm' ? (term - 1) * TOPIC + seq : seq)

/** The place of an entry in its conversation; `term`: the device's own for the room. */
export const placeIn = (room: InTerm, term: number, seq: number): number => placeOf(term, within(room, seq))

/** The place of an entry in its room, the same on every device: the term of a direct message is each device's own. */
export const placeInRoom = (room: InTerm, term: number, seq: number): number =>
  room.kind === 'dm' ? within(room, seq) : placeOf(term, seq)
