import { expect, test } from 'vitest'
import { nodeMlsPrimitives } from '../../src/adapters/crypto/mls-node.ts'
import { createGroupEngine } from '../../src/protocol/mls/create-group-engine.ts'
import { bytes, LIFETIME, newDevice, SUITE } from './support.ts'

const engine = createGroupEngine({ crypto: nodeMlsPrimitives() })

test('a key package carries the head of its owner’s identity log under its signature', async () => {
  const { identity, seed } = newDevice()
  const logHead = bytes(32)
  const { publicPackage } = await engine.createKeyPackage(SUITE, identity, seed, { ...LIFETIME, logHead })
  expect((await engine.readKeyPackage(publicPackage)).logHead).toEqual(logHead)
  const at = Buffer.from(publicPackage).indexOf(logHead)
  expect(at).toBeGreaterThan(0)
  publicPackage[at] = (publicPackage[at] as number) ^ 1
  await expect(engine.readKeyPackage(publicPackage)).rejects.toMatchObject({ code: 'crypto/bad-signature' })
})

test('a log head that is no hash is refused where it is made, and absence is seen', async () => {
  const { identity, seed } = newDevice()
  const make = (logHead: Uint8Array) => engine.createKeyPackage(SUITE, identity, seed, { ...LIFETIME, logHead })
  await expect(make(bytes(31))).rejects.toMatchObject({ code: 'usage/invalid-argument' })
  const { publicPackage } = await engine.createKeyPackage(SUITE, identity, seed, LIFETIME)
  expect((await engine.readKeyPackage(publicPackage)).logHead).toBeUndefined()
})
