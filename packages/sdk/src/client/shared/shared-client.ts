import type { Client } from '../client.ts'
import { SharedFacade } from './facade.ts'
import { Seat, type SharedParts } from './seat.ts'

/**
 * A client that shares its store with other tabs and workers of one origin: one of them has it, the others work through
 * that one, and the next one takes over when it ends. Throws what opening the store throws here, `identity/exists` where
 * the store that another tab has open is somebody else's, what `admit` throws, and `protocol/unsupported-version` where
 * the other tab runs another version of the SDK.
 */
export const createSharedClient = async (parts: SharedParts): Promise<Client> => {
  const seat = new Seat(parts)
  await seat.start()
  return new SharedFacade(seat, parts.random)
}
