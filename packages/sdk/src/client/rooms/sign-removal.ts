import type { RemovalOrder } from '../../protocol/messages/control-change.ts'
import { removalStatement } from '../../protocol/messages/removal-statement.ts'
import type { Address } from '../../records/ids.ts'
import type { Core } from '../core.ts'

/** This device's word that a person goes, good for one stay. */
export const signRemoval = async (
  { self: { address: by, record }, crypto }: Pick<Core, 'self' | 'crypto'>,
  room: Uint8Array,
  address: Address,
  since: number,
): Promise<RemovalOrder> => {
  const signature = await crypto.ed25519.sign(record.seed, removalStatement(room, address, since))
  return { address: by, deviceKey: record.deviceKey, signature }
}
