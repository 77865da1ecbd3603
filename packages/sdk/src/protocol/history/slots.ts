import type { Address } from '../../records/ids.ts'
import { concat } from '../../util/bytes.ts'
import { type CborValue, hashOf } from '../wire/cbor.ts'

/**
 * What stands in a slot of the archive. Its number is the slot's first byte, so that a reader can list one kind without
 * reading the others (archive.md).
 */
export const SLOT_KINDS = ['key', 'registers', 'room', 'index', 'segment', 'asked'] as const
export type SlotKind = (typeof SLOT_KINDS)[number]

/** 16 bytes. The relay, which does not know what it is named by, learns the kind and nothing else from it. */
export const slotOf = (kind: SlotKind, address: Address, name: CborValue): Uint8Array =>
  concat(new Uint8Array([SLOT_KINDS.indexOf(kind)]), hashOf(`archive-${kind}`, [address, name]).subarray(0, 15))

/** Undefined for a slot of a later version. */
export const kindOfSlot = (slot: Uint8Array): SlotKind | undefined => SLOT_KINDS[slot[0] as number]

/** Slots of this kind come after it in the order of a relay's list. */
export const beforeKind = (kind: SlotKind): Uint8Array => new Uint8Array([SLOT_KINDS.indexOf(kind)])

/** Where a device tells what it has in the archive; its chain has an id of its own. */
export const indexSlot = (address: Address, chain: Uint8Array): Uint8Array => slotOf('index', address, chain)

export const segmentSlot = (address: Address, chain: Uint8Array, number: number): Uint8Array =>
  slotOf('segment', address, [chain, number])
