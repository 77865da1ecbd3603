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

/** The place of an entry in its room, the same on every device: a direct message has one topic, whose term is each device's own. */
export const placeInRoom = (kind: 'dm' | 'group' | 'self' | 'channel', term: number, seq: number): number =>
  kind === 'dm' ? seq : placeOf(term, seq)
