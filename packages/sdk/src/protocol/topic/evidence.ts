import type { Verifier } from '../../ports/crypto.ts'
import { toHex } from '../../util/bytes.ts'
import { decodeCbor, encodeCbor } from '../wire/cbor.ts'
import { RECEIPT_LIMIT } from '../wire/limits.ts'
import type { Receipt } from '../wire/methods.ts'
import { array, bytes, literal, record } from '../wire/schema.ts'
import { type Contradiction, contradictionOf } from './contradiction.ts'
import { createReceiptVerifier } from './receipt.ts'
import { decodeReceipt } from './receipt-codec.ts'

const FORMAT = 'dchat-evidence'
const SIZE_LIMIT = 64 << 20
const RELAYS = 64
const RECEIPTS = 100_000

/** Receipts of one relay, encoded. */
export interface SignedByRelay {
  readonly relayKey: Uint8Array
  readonly receipts: readonly Uint8Array[]
}

const shape = record({
  format: literal(FORMAT),
  v: literal(1),
  relays: array(record({ relayKey: bytes(32), receipts: array(bytes(1, RECEIPT_LIMIT), 0, RECEIPTS) }), 0, RELAYS),
})

/** A file of receipts: what relays said, in their own signatures. It names no person and holds no content. */
export const encodeEvidence = (relays: readonly SignedByRelay[]): Uint8Array =>
  encodeCbor({
    format: FORMAT,
    v: 1,
    relays: relays.map(({ relayKey, receipts }) => ({ relayKey, receipts: [...receipts] })),
  })

/** What one relay signed in a topic and cannot both be true. */
export interface ProvenLie {
  /** Hex. */
  readonly relayKey: string
  /** Hex. */
  readonly topic: string
  readonly kind: Contradiction
  readonly receipts: readonly [Receipt, Receipt]
}

export interface VerifiedEvidence {
  readonly relays: readonly { readonly relayKey: string; readonly receipts: number }[]
  readonly lies: readonly ProvenLie[]
}

/**
 * Verifies every receipt of the files, and finds those that contradict each other: within a file, or between those of two
 * people. Offline, with nothing but the files. Throws `protocol/malformed`, `protocol/too-large`, and `relay/bad-receipt`
 * for one that its relay did not sign.
 */
export const findLies = async (crypto: Verifier, files: readonly Uint8Array[]): Promise<VerifiedEvidence> => {
  const all = new Map<string, Receipt[]>()
  for (const [at, file] of files.entries()) {
    const name = `evidence[${at}]`
    for (const { relayKey, receipts } of shape(decodeCbor(file, name, { size: SIZE_LIMIT, items: 200_000 }), name)
      .relays) {
      const key = toHex(relayKey)
      const verify = createReceiptVerifier(crypto, relayKey, key)
      const known = all.get(key) ?? []
      all.set(key, known)
      for (const encoded of receipts) {
        const receipt = decodeReceipt(encoded)
        await verify(receipt)
        known.push(receipt)
      }
    }
  }
  return {
    relays: [...all].map(([relayKey, receipts]) => ({ relayKey, receipts: receipts.length })),
    lies: [...all].flatMap(([relayKey, receipts]) => liesIn(relayKey, receipts)),
  }
}

/** Each receipt against the one before it, in the order of places: of many that differ one pair is enough. */
const liesIn = (relayKey: string, receipts: readonly Receipt[]): readonly ProvenLie[] => {
  const topics = new Map<string, Receipt[]>()
  for (const receipt of receipts) {
    const topic = toHex(receipt.topic)
    const others = topics.get(topic)
    if (others === undefined) topics.set(topic, [receipt])
    else others.push(receipt)
  }
  return [...topics].flatMap(([topic, several]) => {
    const lies: ProvenLie[] = []
    let before: Receipt | undefined
    for (const receipt of several.toSorted((a, b) => a.seq - b.seq || a.time - b.time)) {
      const kind = before && contradictionOf(before, receipt)
      if (before !== undefined && kind !== undefined) lies.push({ relayKey, topic, kind, receipts: [before, receipt] })
      before = receipt
    }
    return lies
  })
}

/** Whether one of these receipts, encoded, contradicts one of the others, which are of the same relay. The caller has verified all. */
export const areContradicted = (receipts: readonly Uint8Array[], others: readonly Uint8Array[]): boolean => {
  const known = others.map(decodeReceipt)
  return receipts.map(decodeReceipt).some((one) => known.some((other) => contradictionOf(one, other) !== undefined))
}

/** Whether these receipts, encoded, are proof by themselves. The caller has verified them. */
export const areProof = ([first, second]: readonly Uint8Array[]): boolean =>
  first !== undefined &&
  second !== undefined &&
  contradictionOf(decodeReceipt(first), decodeReceipt(second)) !== undefined
