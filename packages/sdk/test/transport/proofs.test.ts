import { expect, test } from 'vitest'
import { Proofs } from '../../src/adapters/transport/proofs.ts'
import type { Proof } from '../../src/ports/transport.ts'
import type { RelayUrl } from '../../src/records/ids.ts'

const proof = (subject: number, key: number): Proof => ({
  kind: 'topic',
  subject: new Uint8Array(32).fill(subject),
  publicKey: new Uint8Array(32).fill(key),
  sign: async () => new Uint8Array(64),
})

const keysOf = (proofs: Proofs) => proofs.all().map(({ proof: { publicKey } }) => publicKey[0])

test('a proof is held once, and of each subject the sixteen keys that were asked for last', () => {
  const proofs = new Proofs({ relay: 'ws://relay' as RelayUrl, nextId: () => 1, log: undefined })
  expect(proofs.hold(proof(1, 1))).toBe(proofs.hold(proof(1, 1)))
  for (let key = 2; key <= 16; key++) proofs.hold(proof(1, key))
  proofs.hold(proof(2, 100))
  proofs.hold(proof(1, 1))
  proofs.hold(proof(1, 17))
  expect(keysOf(proofs)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 1, 17, 100])
})
