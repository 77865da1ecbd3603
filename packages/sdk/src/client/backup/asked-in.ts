import type { StoreReader } from '../../domain/store/store.ts'
import type { RoomStateOffer } from '../../protocol/inbox/bodies.ts'
import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import type { Address } from '../../records/ids.ts'
import { equalBytes } from '../../util/bytes.ts'
import { getConversation, putConversation } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import { isBlocked } from '../people/consent.ts'
import type { JobRecord, RoomRecord } from '../records.ts'

const isAsked = async (tx: StoreReader, room: string): Promise<boolean> => {
  const job = await tx.get<JobRecord>('jobs', `ask/${room}`)
  return job?.kind === 'ask' && job.perhapsUntil !== undefined
}

/** An old copy of a store read that its person was taken out, asked whether they are in again, and this is an answer. */
export const mayComeBack = async (
  { store }: Pick<Core, 'store'>,
  { id, topic, hub, seq, term }: RoomRecord,
  offer: RoomStateOffer,
  { term: theirs }: Snapshot,
): Promise<boolean> => {
  const isLater = equalBytes(topic, offer.topic) ? offer.seq > seq : theirs > term
  return isLater && equalBytes(hub.key, offer.hub.key) && (await store.read((tx) => isAsked(tx, id)))
}

/**
 * The person was asked in again, and has not answered as far as this store knows: what the lost one had of the invitation is
 * gone with it, so this is one. False where there is an answer: it is followed.
 */
export const isInvitation = async (
  { store, clock, events }: Pick<Core, 'store' | 'clock' | 'events'>,
  { id, conversation }: RoomRecord,
  from: Address,
  { name, people }: Snapshot,
): Promise<boolean> => {
  const kept = await store.write(async (tx) => {
    const record = await getConversation(tx, conversation)
    if (record === undefined || record.answered !== undefined) return 'answered'
    tx.delete('jobs', `ask/${id}`)
    if (record.invitation !== undefined || (await isBlocked(tx, from))) return 'nothing'
    const { declined: _, ...rest } = record
    const invitation = { from, people: people.length, at: clock.now(), pointers: [] }
    await putConversation(tx, { ...rest, name, active: id, invitation }, { moveUp: true })
    return 'invited'
  })
  if (kept === 'invited') events.emit({ type: 'invitation', conversation, from })
  return kept !== 'answered'
}
