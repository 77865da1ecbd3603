import { expect, test } from 'vitest'
import type { Crypto } from '../../src/ports/crypto.ts'
import { createDevice, signByDevice, verifyByDevice } from '../../src/protocol/identity/device.ts'
import { signingKeyOf, signWith, verifyWith } from '../../src/protocol/identity/signing.ts'
import { toHex, utf8 } from '../../src/util/bytes.ts'
import { seedOf, xwing } from './histories.ts'
import { platformEd25519 } from './platform-ed25519.ts'

/** As much of the port as a device needs; random bytes come in a fixed order. */
const crypto = (): Crypto => {
  let drawn = 0
  return {
    random: (length: number) => seedOf(`random/${drawn++}`).slice(0, length),
    ed25519: platformEd25519,
    box: { publicKey: async (seed: Uint8Array) => xwing(toHex(seed)) },
  } as unknown as Crypto
}

test('a device has a signature key and an intro key that share nothing', async () => {
  const device = await createDevice(crypto())
  expect(toHex(device.seed)).not.toBe(toHex(device.introSeed))
  expect(device.deviceKey).toEqual(signingKeyOf(device.seed).publicKey)
  expect(device.introKey).toEqual(xwing(toHex(device.introSeed)))
})

test('a statement is valid for its use, its value and its device only', async () => {
  const port = crypto()
  const [device, other] = [await createDevice(port), await createDevice(port)]
  const signature = await signByDevice(port, device.seed, 'link-proof', { n: 1 })
  expect(await verifyByDevice(port, device.deviceKey, 'link-proof', { n: 1 }, signature)).toBe(true)
  expect(await verifyByDevice(port, device.deviceKey, 'signal', { n: 1 }, signature)).toBe(false)
  expect(await verifyByDevice(port, device.deviceKey, 'link-proof', { n: 2 }, signature)).toBe(false)
  expect(await verifyByDevice(port, other.deviceKey, 'link-proof', { n: 1 }, signature)).toBe(false)
})

test('root signatures and the platform agree, and wrong lengths are refused without a throw', async () => {
  for (let i = 0; i < 20; i++) {
    const key = signingKeyOf(seedOf(`key/${i}`))
    const message = utf8(`message ${i}`)
    const signature = signWith(key.secretKey, message)
    expect(await platformEd25519.sign(seedOf(`key/${i}`), message)).toEqual(signature)
    expect(await platformEd25519.verify(key.publicKey, message, signature)).toBe(true)
    expect(verifyWith(key.publicKey, message, signature)).toBe(true)
    expect(verifyWith(key.publicKey, message, signature.subarray(1))).toBe(false)
    expect(verifyWith(key.publicKey.subarray(1), message, signature)).toBe(false)
  }
})
