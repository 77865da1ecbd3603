import type { StoreReader } from '../../domain/store/store.ts'
import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import type { Address } from '../../records/ids.ts'
import { dmId } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import type { MessageRecord } from '../records.ts'
import { peerOf } from '../rooms/people.ts'
import { isBlocked } from './consent.ts'

/** A direct message with somebody who is blocked: nothing leaves, so that they cannot tell it from an absence. */
export const isSilent = async (tx: StoreReader, { self }: Pick<Core, 'self'>, snapshot: Snapshot): Promise<boolean> => {
  const peer = peerOf(snapshot, self.address)
  return peer !== undefined && isBlocked(tx, peer)
}

/** Finds out about many messages; who is blocked is looked up once for each author. */
export type Hidden = (message: Pick<MessageRecord, 'own' | 'from' | 'content' | 'conversation'>) => Promise<boolean>

/**
 * What blocked people wrote in groups is kept in its order and not shown. What they wrote in a direct message before
 * stays; what comes there later is never stored.
 */
export const hiddenMessages = (tx: StoreReader, { self }: Pick<Core, 'self'>): Hidden => {
  const known = new Map<Address, boolean>()
  return async ({ own, from, content, conversation }) => {
    if (own || content.type === 'notice') return false
    const blocked = known.get(from) ?? (await isBlocked(tx, from))
    known.set(from, blocked)
    return blocked && conversation !== dmId(self.address, from)
  }
}
