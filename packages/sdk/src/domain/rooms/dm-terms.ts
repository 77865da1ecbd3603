/** The first room of a direct message: there is space before it and behind it. */
export const FIRST_TERM = 1_024

/**
 * A direct message may consist of several rooms; each has a term of its own on this device, which orders their messages.
 * A room that goes on stands behind all others, one that gives way to another stands before that one.
 */
export const placeRoom = (taken: readonly number[], before?: number): number => {
  if (before === undefined) return taken.length === 0 ? FIRST_TERM : Math.max(...taken) + 1
  let term = before - 1
  while (taken.includes(term)) term--
  return term
}
