import { expect, test } from 'vitest'
import { nobleEd25519, nobleX25519 } from '../../../src/adapters/crypto/curves-noble.ts'
import { webCurves } from '../../../src/adapters/crypto/curves-web.ts'
import { webEd25519 } from '../../../src/adapters/crypto/ed25519-web.ts'
import { webCrypto } from '../../../src/adapters/crypto/web.ts'
import { cryptoConformance } from '../../crypto/conformance.ts'

const nobleCurves = { ed25519: async () => nobleEd25519(), x25519: async () => nobleX25519() }

cryptoConformance('WebCrypto in Chromium', webCrypto())
cryptoConformance('WebCrypto without Ed25519', { ...webCrypto(), ed25519: webEd25519(nobleCurves) })

test('uses the curves of this browser where it has them', async () => {
  const curves = webCurves()
  const [ed25519, x25519] = [await curves.ed25519(), await curves.x25519()]
  const used: string[] = []
  const { subtle } = globalThis.crypto
  const prototype = Object.getPrototypeOf(subtle) as typeof subtle
  for (const name of ['sign', 'deriveBits'] as const) {
    const own = prototype[name] as (...args: unknown[]) => unknown
    Object.defineProperty(subtle, name, {
      configurable: true,
      value: (...args: unknown[]) => {
        used.push(name)
        return own.apply(subtle, args)
      },
    })
  }
  try {
    await ed25519.sign(new Uint8Array(32), new Uint8Array(1))
    await x25519.publicKey(new Uint8Array(32))
  } finally {
    for (const name of ['sign', 'deriveBits']) Reflect.deleteProperty(subtle, name)
  }
  expect(used).toEqual(['sign', 'deriveBits'])
})
