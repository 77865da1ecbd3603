import type { Address } from '../../records/ids.ts'
import { statement } from '../wire/cbor.ts'

/** What a device signs when its person leaves: `since` is the epoch of the person's entry, so it is good for one stay. */
export const leaveStatement = (room: Uint8Array, address: Address, since: number): Uint8Array =>
  statement('leave', [room, address, since])
