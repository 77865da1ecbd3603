import { decodeWelcomePointer } from '../../protocol/inbox/bodies.ts'
import type { Address } from '../../records/ids.ts'
import { toHex } from '../../util/bytes.ts'
import { dmId, getConversation } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import type { Rooms } from '../rooms/rooms.ts'
import { isBlocked, isStranger } from './consent.ts'

/** A Welcome that this person has not agreed to waits, unopened; true if that is the case. */
export const keepUnasked = async (core: Core, rooms: Rooms, from: Address, encoded: Uint8Array): Promise<boolean> => {
  const { self, store } = core
  if (from === self.address) return false
  const { kind, room } = decodeWelcomePointer(encoded)
  // Not a person's to decide: its group is (bots.md).
  if (kind === 'channel') return false
  const isAsked = async (): Promise<boolean> => {
    if (kind === 'group') return false
    // The room is here already: this device comes back into it.
    if (rooms.get(toHex(room)) !== undefined) return true
    return store.read(async (tx) => {
      if (await isBlocked(tx, from)) return false
      const known = await getConversation(tx, dmId(self.address, from))
      return known?.active !== undefined || !(await isStranger(tx, core, from))
    })
  }
  if (await isAsked()) return false
  const { keepWelcome } = await import('../later.ts')
  return keepWelcome(core, rooms, from, encoded)
}
