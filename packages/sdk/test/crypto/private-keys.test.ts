import { expect, test } from 'vitest'
import { privateKeys, rawPublic } from '../../src/adapters/crypto/curve-keys-node.ts'

test.each(['x25519', 'ed25519'] as const)('a private key of %s is the same, read as a secret or not', (curve) => {
  const [secret, plain] = [privateKeys(curve), privateKeys(curve, { secret: false })]
  for (let n = 0; n < 50; n++) {
    const raw = crypto.getRandomValues(new Uint8Array(32))
    expect(plain(raw).equals(secret(raw))).toBe(true)
    expect(rawPublic(plain(raw))).toEqual(rawPublic(secret(raw)))
  }
  expect(() => plain(new Uint8Array(31))).toThrow(RangeError)
})
