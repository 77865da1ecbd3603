import { createHash } from 'node:crypto'

/**
 * The id of an event: of what it is about alone, so that it is the same after each restart. `parts` are the kind, the
 * message's id, and what tells two events of one message apart.
 */
export const eventIdOf = (...parts: readonly string[]): string =>
  `evt_${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)}`
