import { expect, test } from 'vitest'
import { memoryStorage } from '../../../src/adapters/storage/memory.ts'
import type { Core } from '../../../src/client/core.ts'
import { arrivedListing } from '../../../src/client/listings/shown.ts'
import { sealedStore } from '../../../src/domain/store/sealed-store.ts'
import { encodeSignedListing, listingHash, signListing } from '../../../src/protocol/offers/listing.ts'
import { toHex } from '../../../src/util/bytes.ts'
import { ANN, BEN, event, terms } from '../../domain/offers/support.ts'
import { testCrypto } from '../../support/crypto.ts'

const seed = new Uint8Array(32).fill(5)

test('of a listing that came with an offer nothing is kept but what its terms name, signed by a device of the seller', async () => {
  const device = toHex(await testCrypto.ed25519.publicKey(seed))
  const body = {
    id: '11'.repeat(16),
    version: 2,
    seller: ANN,
    device,
    at: 0,
    title: 'Lamps',
    items: [{ id: '1', title: 'Lamp', stock: 1 }],
  }
  const signed = await signListing(testCrypto, seed, body)
  const encoded = encodeSignedListing(signed)
  const coreOf = (devices: readonly string[]) =>
    ({
      crypto: testCrypto,
      directory: { get: async () => ({ devices: new Map(devices.map((key) => [key, { deviceKey: key }])) }) },
      log: { info: () => {} },
    }) as unknown as Core
  const offer = (changes: object = {}) =>
    event(ANN, 'propose', undefined, {
      terms: terms({ listing: { id: body.id, version: 2, seller: ANN, hash: listingHash(signed.body), ...changes } }),
    })
  const kept = await arrivedListing(coreOf([device]), offer(), encoded)
  const store = sealedStore(memoryStorage(), new Uint8Array(32), (length) => new Uint8Array(length))
  await store.write(async (tx) => kept?.(tx))
  expect(await store.read((tx) => tx.get('offers', `shown/${listingHash(signed.body)}`))).toEqual(encoded)

  const forged = encodeSignedListing({ ...signed, signature: signed.signature.map((byte) => byte ^ 1) })
  const wrong = [
    arrivedListing(coreOf([]), offer(), encoded),
    arrivedListing(coreOf([device]), offer(), forged),
    arrivedListing(coreOf([device]), offer({ hash: 'ab'.repeat(32) }), encoded),
    arrivedListing(coreOf([device]), offer({ seller: BEN }), encoded),
    arrivedListing(coreOf([device]), offer(), encoded.subarray(1)),
    arrivedListing(coreOf([device]), offer(), undefined),
    arrivedListing(coreOf([device]), event(ANN, 'propose', undefined, { terms: terms() }), encoded),
  ]
  expect(await Promise.all(wrong)).toEqual(wrong.map(() => undefined))
})
