import { openRecord, sealRecord } from '../../protocol/history/record.ts'
import type { RelayUrl } from '../../records/ids.ts'
import type { Core } from '../core.ts'
import { archiveKeys, keepKeySlots, sealingKey } from './archive-keys.ts'
import { putSlot } from './slots.ts'

/** Seals for a slot and writes it at one home relay, behind the keys that it needs. */
export const keepRecord = async (
  core: Core,
  relay: RelayUrl,
  slot: Uint8Array,
  plaintext: Uint8Array,
): Promise<void> => {
  const key = await sealingKey(core)
  await keepKeySlots(core, relay)
  await putSlot(core, relay, slot, await sealRecord(core.crypto, key, core.self.address, slot, plaintext))
}

/** Opens what stood in a slot. Throws `crypto/cannot-decrypt` and `protocol/malformed`. */
export const openSlot = async (core: Core, slot: Uint8Array, body: Uint8Array): Promise<Uint8Array> =>
  openRecord(core.crypto, await core.store.read(archiveKeys), core.self.address, slot, body)
