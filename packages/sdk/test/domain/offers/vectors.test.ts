import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { step } from '../../../src/domain/offers/reduce.ts'
import type { OfferThread } from '../../../src/domain/offers/thread.ts'
import { verifyOfferReceipt } from '../../../src/domain/offers/verify-receipt.ts'
import { decodeSignedOffer, readOfferBody } from '../../../src/protocol/offers/event.ts'
import { decodeOfferReceipt, encodeOfferReceipt } from '../../../src/protocol/offers/receipt-file.ts'
import { isSignedOffer } from '../../../src/protocol/offers/sign.ts'
import { fromHex, toHex } from '../../../src/util/bytes.ts'
import { testCrypto } from '../../support/crypto.ts'
import { makeVectors } from './make-vectors.ts'

/** `npx vitest run test/domain/offers/vectors.test.ts -u` writes the files anew. */
const folder = join(import.meta.dirname, '../../../vectors/offers')
const load = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'))
const bytes = (hex: string) => fromHex(hex) as Uint8Array
const made = await makeVectors()

test.each(Object.keys(made))('%s is what this code makes', async (name) => {
  await expect(made[name]).toMatchFileSnapshot(join(folder, name))
})

test('events are read, refused, or not signed, as the vectors say', async () => {
  const { valid, invalid, forged } = load('events.json')
  for (const { signed, id } of valid) {
    const read = decodeSignedOffer(bytes(signed))
    expect(read.event.id).toBe(id)
    expect(await isSignedOffer(testCrypto, read)).toBe(true)
  }
  for (const { signed, name } of invalid)
    expect(() => decodeSignedOffer(bytes(signed)), name).toThrow(
      expect.objectContaining({ code: 'protocol/malformed' }),
    )
  for (const { signed } of forged) expect(await isSignedOffer(testCrypto, decodeSignedOffer(bytes(signed)))).toBe(false)
})

test('threads: every outcome, every refusal and every state of a deal is reached', () => {
  const reached = new Set<string>()
  for (const { steps } of load('threads.json')) {
    let thread: OfferThread | undefined
    for (const [i, { body, acceptedAt, outcome }] of steps.entries()) {
      const result = step(thread, { event: readOfferBody(bytes(body)), place: i, acceptedAt })
      thread = result.thread
      expect(result.decision.kind === 'refused' ? result.decision.reason : result.decision.kind).toBe(
        outcome.refused ?? Object.keys(outcome)[0],
      )
      reached.add(outcome.refused ?? 'applied')
      for (const { state } of thread?.deals ?? []) reached.add(state)
      if (thread !== undefined) reached.add(thread.state)
    }
  }
  const wanted = 'superseded own_offer not_party not_open expired changed not_available bad_terms'
  const states = 'pending rejected agreed completed cancelled disputed resolved open taken declined withdrawn void'
  expect(`${wanted} ${states}`.split(' ').filter((one) => !reached.has(one))).toEqual([])
})

test('receipts hold and are written again to equal bytes, or name the field that does not hold', async () => {
  const { valid, invalid } = load('receipts.json')
  for (const { encoded } of valid) {
    await verifyOfferReceipt(testCrypto, bytes(encoded))
    expect(toHex(encodeOfferReceipt(decodeOfferReceipt(bytes(encoded))))).toBe(encoded)
  }
  for (const { encoded, field, name } of invalid)
    await expect(verifyOfferReceipt(testCrypto, bytes(encoded)), name).rejects.toMatchObject({
      code: 'offer/bad-receipt',
      details: { field },
    })
})
