import { decodeWelcomePointer } from '../../protocol/inbox/bodies.ts'
import type { Address } from '../../records/ids.ts'
import type { Core } from '../core.ts'
import type { Rooms } from '../rooms/rooms.ts'
import { arrivedProfile } from './arrived-profile.ts'
import { keepInvitation } from './keep-invitation.ts'
import { keepDmRequest } from './requests.ts'
import { tellRequest } from './tell-request.ts'

/** A Welcome that is likely to wait for an answer; the transaction that stores it decides. */
export const keepWelcome = async (core: Core, rooms: Rooms, from: Address, encoded: Uint8Array): Promise<boolean> => {
  const { kind, profile } = decodeWelcomePointer(encoded)
  const putProfile = profile && (await arrivedProfile(core, from, profile))
  if (kind === 'group') return keepInvitation(core, rooms, from, encoded, putProfile)
  const kept = await core.store.write(async (tx) => {
    const request = await keepDmRequest(tx, core, from, encoded)
    if (request !== undefined) await putProfile?.(tx)
    return request
  })
  if (kept === undefined) return false
  if (kept.isNew) await tellRequest(core, rooms, kept.conversation, from, kept)
  return true
}
