import type { StoreWriter } from '../../domain/store/store.ts'
import { decodeWelcomePointer, type WelcomePointer } from '../../protocol/inbox/bodies.ts'
import type { Address } from '../../records/ids.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import { getConversation, groupId, groupOf, putConversation } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import { EARLY, type EarlyAnswer, early } from '../invitations.ts'
import type { ConversationRecord, RoomRecord } from '../records.ts'
import type { Rooms } from '../rooms/rooms.ts'
import type { PutProfile } from './arrived-profile.ts'
import { isBlocked, isStranger } from './consent.ts'
import { type Kept, noteRequest, withPointer } from './requests.ts'
import { tellRequest } from './tell-request.ts'

/** A Welcome to a group that this person was not asked about yet waits, unopened; true if that is the case. */
export const keepInvitation = async (
  core: Core,
  rooms: Rooms,
  from: Address,
  encoded: Uint8Array,
  putProfile?: PutProfile,
): Promise<boolean> => {
  const pointer = decodeWelcomePointer(encoded)
  let asked: { readonly isStranger: boolean } & Pick<Kept, 'dropped' | 'tellDropped'> = { isStranger: false }
  let isNew = false
  const kept = await core.store.write(async (tx) => {
    const room = toHex(pointer.room)
    const before = await getConversation(tx, groupId(room))
    const known = await tx.get<RoomRecord>('rooms', room)
    const isIn = known !== undefined && known.state !== 'closed'
    if (isIn || before?.answered !== undefined || before?.restoring) return undefined
    if (await isBlocked(tx, from)) return before ?? 'nothing'
    const record = before ?? (await groupOf(tx, room, pointer.name, core.clock.now()))
    if (record.invitation?.pointers.some((pointer) => equalBytes(pointer, encoded))) return record
    const answer = await tx.get<EarlyAnswer>('meta', early(room))
    tx.delete('meta', early(room))
    if (answer !== undefined && core.clock.now() - answer.at < EARLY) {
      const { declined: _, ...fresh } = record
      await putConversation(tx, { ...fresh, active: room, answered: answer.accepted ? 'accepted' : 'declined' })
      return undefined
    }
    isNew = true
    const noted = await noteRequest(tx, core, record.id)
    await putProfile?.(tx)
    asked = { isStranger: await isStranger(tx, core, from), ...noted }
    return invite(tx, core, record, from, pointer, encoded)
  })
  if (kept === undefined) return false
  if (kept === 'nothing' || !isNew) return true
  if (asked.isStranger) await tellRequest(core, rooms, kept.id, from, asked)
  else core.events.emit({ type: 'invitation', conversation: kept.id, from })
  return true
}

const invite = (
  tx: StoreWriter,
  core: Core,
  { declined: _, ...record }: ConversationRecord,
  from: Address,
  { room, name, people }: WelcomePointer,
  encoded: Uint8Array,
): Promise<ConversationRecord> => {
  const pointers = withPointer(record.invitation?.pointers ?? [], encoded)
  const invitation = { from, people, at: core.clock.now(), pointers }
  return putConversation(tx, { ...record, name, active: toHex(room), invitation }, { moveUp: true })
}
