import { personOf } from '../../domain/rooms/permissions.ts'
import { leaveStatement } from '../../protocol/messages/leave-statement.ts'
import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import type { Core } from '../core.ts'

/** This device's word that its person leaves, good for the present stay. */
export const signLeave = (
  { self, crypto }: Pick<Core, 'self' | 'crypto'>,
  { snapshot }: { readonly snapshot: Snapshot },
): Promise<Uint8Array> => {
  const since = personOf(snapshot, self.address)?.since ?? 0
  return crypto.ed25519.sign(self.record.seed, leaveStatement(snapshot.room, self.address, since))
}
