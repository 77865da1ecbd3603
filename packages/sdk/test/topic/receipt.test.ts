import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Crypto } from '../../src/ports/crypto.ts'
import { entryHash, type HeadStep, matchesReceipt, nextHead, ZERO_HEAD } from '../../src/protocol/topic/entry.ts'
import {
  createReceiptVerifier,
  isEquivocation,
  issueReceipts,
  verifyReceipt,
} from '../../src/protocol/topic/receipt.ts'
import { decodeReceipt, encodeReceipt } from '../../src/protocol/topic/receipt-codec.ts'
import type { Receipt } from '../../src/protocol/wire/methods.ts'
import { toHex } from '../../src/util/bytes.ts'
import { testCrypto } from '../support/crypto.ts'
import { mutated, typedOrThrow } from '../support/mutation.ts'

const SEED = new Uint8Array(32).fill(4)
const relayKey = await testCrypto.ed25519.publicKey(SEED)
const sign = (message: Uint8Array) => testCrypto.ed25519.sign(SEED, message)
const bad = { code: 'relay/bad-receipt' }

/** A topic of `length` entries, chained. */
const chain = (length: number, topic = new Uint8Array(32).fill(1)): HeadStep[] => {
  const steps: HeadStep[] = []
  let previous: Uint8Array = ZERO_HEAD
  for (let seq = 1; seq <= length; seq++) {
    const kind = seq % 3 === 0 ? 'commit' : 'application'
    const entry = entryHash({ topic, kind, epoch: 1, reference: new Uint8Array(16), body: new Uint8Array([seq]) })
    steps.push({ topic, seq, previous, entry, kind, time: 1000 + seq })
    previous = nextHead(steps[steps.length - 1] as HeadStep)
  }
  return steps
}

describe('receipts', () => {
  test('of every batch verify, yield the chained heads, and take one signature per batch', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 40 }), async (length) => {
        let signatures = 0
        let checks = 0
        const steps = chain(length)
        const receipts = await issueReceipts(steps, relayKey, (message) => {
          signatures++
          return sign(message)
        })
        const counting: Pick<Crypto, 'ed25519'> = {
          ed25519: {
            ...testCrypto.ed25519,
            verify: (...args) => {
              checks++
              return testCrypto.ed25519.verify(...args)
            },
          },
        }
        const verify = createReceiptVerifier(counting, relayKey, 'ws://relay')
        const heads = await Promise.all(receipts.map(verify))
        expect(heads.map(toHex)).toEqual(steps.map((step) => toHex(nextHead(step))))
        expect([signatures, checks]).toEqual([1, 1])
      }),
      { numRuns: 10 },
    )
  })

  test('an empty batch needs no signature', async () => {
    expect(await issueReceipts([], relayKey, () => Promise.reject(new Error('not asked')))).toEqual([])
  })

  test('no field can be changed, and no other relay can have signed', async () => {
    const receipts = await issueReceipts(chain(5), relayKey, sign)
    const receipt = receipts[2] as Receipt
    const other = new Uint8Array(32).fill(200)
    const changes: Partial<Receipt>[] = [
      { topic: other },
      { seq: 9 },
      { previous: other },
      { entry: other },
      { kind: 'application' },
      { time: 1 },
      { index: 1 },
      { index: 7 },
      { size: 6 },
      { path: receipt.path.slice(1) },
      { path: [...receipt.path, other] },
      { signature: new Uint8Array(64) },
      { path: [other, ...receipt.path.slice(1)] },
    ]
    expect(await verifyReceipt(testCrypto, relayKey, receipt)).toHaveLength(32)
    for (const change of changes)
      await expect(verifyReceipt(testCrypto, relayKey, { ...receipt, ...change })).rejects.toMatchObject(bad)
    await expect(verifyReceipt(testCrypto, other, receipt, 'ws://relay')).rejects.toMatchObject({
      ...bad,
      details: { relay: 'ws://relay' },
    })
  })

  test('a signature that did not verify is checked again, never believed', async () => {
    const [receipt] = await issueReceipts(chain(1), relayKey, sign)
    const verify = createReceiptVerifier(testCrypto, relayKey, 'r')
    const forged = { ...(receipt as Receipt), signature: new Uint8Array(64) }
    for (let i = 0; i < 3; i++) await expect(verify(forged)).rejects.toMatchObject(bad)
    expect(await verify(receipt as Receipt)).toHaveLength(32)
  })

  test('two different entries at one place are an equivocation; the same one twice is not', async () => {
    const [a, , c] = await issueReceipts(chain(3), relayKey, sign)
    const [again] = await issueReceipts(chain(1), relayKey, sign)
    const [other] = await issueReceipts(chain(1, new Uint8Array(32).fill(9)), relayKey, sign)
    const changed = { ...(a as Receipt), time: 5 }
    expect(isEquivocation(a as Receipt, changed)).toBe(true)
    expect(isEquivocation(a as Receipt, again as Receipt)).toBe(false)
    expect(isEquivocation(a as Receipt, c as Receipt)).toBe(false)
    expect(isEquivocation(a as Receipt, other as Receipt)).toBe(false)
  })

  test('an entry is told from one with another epoch, reference, body or frame', async () => {
    const content = {
      topic: new Uint8Array(32),
      kind: 'commit' as const,
      epoch: 2,
      reference: new Uint8Array(16),
      body: new Uint8Array(4),
      frame: new Uint8Array(5),
    }
    const [receipt] = await issueReceipts(
      [{ topic: content.topic, seq: 1, previous: ZERO_HEAD, entry: entryHash(content), kind: 'commit', time: 1 }],
      relayKey,
      sign,
    )
    const entry = { ...content, receipt: receipt as Receipt }
    expect(matchesReceipt(entry)).toBe(true)
    expect(matchesReceipt({ ...entry, epoch: 3 })).toBe(false)
    expect(matchesReceipt({ ...entry, reference: new Uint8Array(16).fill(1) })).toBe(false)
    expect(matchesReceipt({ ...entry, body: new Uint8Array(5) })).toBe(false)
    expect(matchesReceipt({ ...entry, frame: null })).toBe(false)
    expect(matchesReceipt({ ...entry, body: null })).toBe(false)
  })

  test('ten thousand mutations of kept receipts are read or refused with a typed error, and none verifies', async () => {
    const receipts = await issueReceipts(chain(9), relayKey, sign)
    const encoded = receipts.map(encodeReceipt)
    const originals = new Set(encoded.map(toHex))
    expect(encoded.map(decodeReceipt)).toEqual(receipts)
    const readable: Receipt[] = []
    fc.assert(
      fc.property(mutated(encoded), (bytes) =>
        typedOrThrow(() => {
          const receipt = decodeReceipt(bytes)
          if (!originals.has(toHex(encodeReceipt(receipt)))) readable.push(receipt)
        }),
      ),
      { numRuns: 10_000 },
    )
    expect(readable.length).toBeGreaterThan(0)
    for (const receipt of readable.slice(0, 200))
      await expect(verifyReceipt(testCrypto, relayKey, receipt)).rejects.toMatchObject(bad)
  })
})
