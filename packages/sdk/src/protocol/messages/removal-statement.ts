import type { Address } from '../../records/ids.ts'
import { statement } from '../wire/cbor.ts'

/** What a device signs when its person takes somebody out: `since` is the epoch of that one's entry, so it is good for one stay. */
export const removalStatement = (room: Uint8Array, address: Address, since: number): Uint8Array =>
  statement('remove', [room, address, since])
