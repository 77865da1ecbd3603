import { DchatError } from '../../errors.ts'
import type { Verifier } from '../../ports/crypto.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import { statement } from '../wire/cbor.ts'
import type { Receipt } from '../wire/methods.ts'
import { type HeadStep, nextHead } from './entry.ts'
import { leafHash, merkleTree, rootFromPath } from './merkle.ts'

/** The leaf of a receipt: the topic, the place in it and the head after the entry, which covers all the rest. */
export const receiptLeaf = (step: HeadStep): Uint8Array => leafOf(step, nextHead(step))

const leafOf = ({ topic, seq }: HeadStep, head: Uint8Array) => statement('receipt-leaf', [topic, seq, head])

/** What the relay key signs, once per group commit. */
export const rootStatement = (relayKey: Uint8Array, root: Uint8Array, size: number): Uint8Array =>
  statement('receipts', [relayKey, root, size])

/**
 * Receipts for the entries of one group commit, with one signature. `sign` is Ed25519 by the relay key. An entry may
 * bring the `head` after it, if it is known already.
 */
export const issueReceipts = async (
  entries: readonly (HeadStep & { readonly head?: Uint8Array })[],
  relayKey: Uint8Array,
  sign: (message: Uint8Array) => Promise<Uint8Array>,
): Promise<Receipt[]> => {
  if (entries.length === 0) return []
  const { root, paths } = merkleTree(entries.map((entry) => leafOf(entry, entry.head ?? nextHead(entry))))
  const signature = await sign(rootStatement(relayKey, root, entries.length))
  return entries.map(({ topic, seq, previous, entry, kind, time }, index) => ({
    topic,
    seq,
    previous,
    entry,
    kind,
    time,
    index,
    size: entries.length,
    path: paths[index] as Uint8Array[],
    signature,
  }))
}

/** Verifies a receipt; resolves to the head after its entry, rejects with `relay/bad-receipt`. */
export type ReceiptVerifier = (receipt: Receipt) => Promise<Uint8Array>

const REMEMBERED = 64

/**
 * A verifier for one relay that checks each group commit's signature once. `relay` names it in errors (its URL).
 */
export const createReceiptVerifier = (crypto: Verifier, relayKey: Uint8Array, relay: string): ReceiptVerifier => {
  const known = new Map<string, Promise<boolean>>()
  const signedByRelay = (root: Uint8Array, { size, signature }: Receipt): Promise<boolean> => {
    const key = `${toHex(root)} ${size} ${toHex(signature)}`
    const earlier = known.get(key)
    if (earlier) return earlier
    const check = crypto.ed25519.verify(relayKey, rootStatement(relayKey, root, size), signature)
    known.set(key, check)
    if (known.size > REMEMBERED) known.delete(known.keys().next().value as string)
    check.catch(() => known.delete(key))
    return check
  }
  return async (receipt) => {
    const head = nextHead(receipt)
    const root = rootFromPath(leafHash(leafOf(receipt, head)), receipt.index, receipt.size, receipt.path)
    if (!root) throw new DchatError('relay/bad-receipt', { relay, reason: 'its path does not fit its place' })
    if (!(await signedByRelay(root, receipt)))
      throw new DchatError('relay/bad-receipt', { relay, reason: 'the signature is not of the relay' })
    return head
  }
}

/** Verifies one receipt: see `createReceiptVerifier`. Without `relay`, errors name the beginning of the relay key. */
export const verifyReceipt = (
  crypto: Verifier,
  relayKey: Uint8Array,
  receipt: Receipt,
  relay: string = toHex(relayKey.subarray(0, 8)),
): Promise<Uint8Array> => createReceiptVerifier(crypto, relayKey, relay)(receipt)

/**
 * True if two verified receipts of one relay contradict each other: the same place of the same topic, different heads
 * (topic.md).
 */
export const isEquivocation = (a: Receipt, b: Receipt): boolean =>
  a.seq === b.seq && equalBytes(a.topic, b.topic) && !equalBytes(nextHead(a), nextHead(b))
