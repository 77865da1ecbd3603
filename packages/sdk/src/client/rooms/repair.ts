import type { Core } from '../core.ts'
import type { Rooms } from './rooms.ts'

/** A successor is looked for (again) after this long, ms. */
const AGAIN = 5_000

export const repairRoom = async (
  _core: Core,
  rooms: Rooms,
  room: string,
): Promise<void | { readonly again: number }> => {
  if (rooms.get(room)?.record.state === 'voided') return { again: AGAIN }
}
