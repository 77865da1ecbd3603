/**
 * The place of an entry in its conversation: (term, seq) as one safe integer. Terms stay below 2^12,
 * entries of a term below 2^40. Own messages that have no receipt yet stand behind everything.
 */
const TERM = 2 ** 40
const UNSENT = 2 ** 52

export const placeOf = (term: number, seq: number): number => term * TERM + seq

export const unsentPlace = (ordinal: number): number => UNSENT + ordinal

export const isUnsent = (place: number): boolean => place >= UNSENT
