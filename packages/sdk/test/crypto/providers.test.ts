import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { nobleEd25519, nobleX25519 } from '../../src/adapters/crypto/curves-noble.ts'
import { platformEd25519, platformX25519 } from '../../src/adapters/crypto/curves-platform.ts'
import { webCurves } from '../../src/adapters/crypto/curves-web.ts'
import { webEd25519 } from '../../src/adapters/crypto/ed25519-web.ts'
import { nodeCrypto } from '../../src/adapters/crypto/node.ts'
import { webCrypto } from '../../src/adapters/crypto/web.ts'
import { utf8 } from '../../src/util/bytes.ts'
import { cryptoConformance } from './conformance.ts'

const [node, web] = [nodeCrypto(), webCrypto()]
const nobleCurves = { ed25519: async () => nobleEd25519(), x25519: async () => nobleX25519() }

cryptoConformance('node:crypto', node)
cryptoConformance('WebCrypto', web)
cryptoConformance('WebCrypto without Ed25519', { ...web, ed25519: webEd25519(nobleCurves) })

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })

describe('what Node makes, a browser understands, and the reverse', () => {
  for (const [from, to, name] of [
    [node, web, 'Node to browser'],
    [web, node, 'browser to Node'],
  ] as const)
    test(name, async () => {
      await fc.assert(
        fc.asyncProperty(bytes(32), fc.uint8Array(), fc.uint8Array(), async (seed, text, info) => {
          const publicKey = await from.ed25519.publicKey(seed)
          expect(await to.ed25519.publicKey(seed)).toEqual(publicKey)
          expect(await to.ed25519.verify(publicKey, text, await from.ed25519.sign(seed, text))).toBe(true)
          const nonce = from.random(12)
          const sealed = await from.aead.seal(seed, nonce, text, info)
          expect(await to.aead.open(seed, nonce, sealed, info)).toEqual(text)
          const box = await from.box.seal(await to.box.publicKey(seed), text, info)
          expect(await to.box.open(seed, box, info)).toEqual(text)
        }),
        { numRuns: 20 },
      )
    })
})

describe('a browser without the curves', () => {
  afterEach(() => vi.restoreAllMocks())

  /** Answers like a browser that does not know the named algorithms. */
  const without = (...names: readonly string[]) => {
    const { subtle } = globalThis.crypto
    const make = subtle.generateKey.bind(subtle)
    return vi
      .spyOn(subtle, 'generateKey')
      .mockImplementation(((name: string, ...rest: never[]) =>
        names.includes(name)
          ? Promise.reject(new DOMException('Unrecognized name.', 'NotSupportedError'))
          : (make as (...args: unknown[]) => unknown)(name, ...rest)) as never)
  }

  test('is asked once for each, and computes in JavaScript', async () => {
    const asked = without('Ed25519', 'X25519')
    const curves = webCurves()
    const use = vi.spyOn(globalThis.crypto.subtle, 'importKey')
    const [seed, other] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
    for (let round = 0; round < 3; round++) {
      const signature = await (await curves.ed25519()).sign(seed, utf8('hello'))
      expect(signature).toEqual(await node.ed25519.sign(seed, utf8('hello')))
      expect(await (await curves.ed25519()).verify(await node.ed25519.publicKey(seed), utf8('hello'), signature)).toBe(
        true,
      )
      const x = await curves.x25519()
      expect(await x.shared(seed, await x.publicKey(other))).toEqual(await x.shared(other, await x.publicKey(seed)))
    }
    expect(asked).toHaveBeenCalledTimes(2)
    expect(use).not.toHaveBeenCalled()
  })

  test('with one of them uses it', async () => {
    without('Ed25519')
    const use = vi.spyOn(globalThis.crypto.subtle, 'importKey')
    const x = await webCurves().x25519()
    await x.publicKey(new Uint8Array(32).fill(1))
    expect(use).toHaveBeenCalled()
  })

  test('has curves that agree with the ones of the platform', async () => {
    const [ours, theirs] = [nobleX25519(), platformX25519()]
    const [sign, check] = [nobleEd25519(), platformEd25519()]
    await fc.assert(
      fc.asyncProperty(bytes(32), bytes(32), fc.uint8Array(), async (a, b, message) => {
        expect(await ours.publicKey(a)).toEqual(await theirs.publicKey(a))
        expect(await ours.shared(a, await theirs.publicKey(b))).toEqual(await theirs.shared(b, await ours.publicKey(a)))
        expect(await sign.sign(a, message)).toEqual(await check.sign(a, message))
      }),
      { numRuns: 20 },
    )
    for (const curve of [ours, theirs]) {
      await expect(curve.shared(new Uint8Array(32).fill(1), new Uint8Array(32))).rejects.toThrow()
      await expect(curve.publicKey(new Uint8Array(31))).rejects.toThrow()
    }
  })

  test('is refused where the platform keeps WebCrypto to itself', async () => {
    vi.stubGlobal('crypto', { getRandomValues: () => new Uint8Array() })
    try {
      const { aead } = webCrypto()
      await expect(aead.seal(new Uint8Array(32), new Uint8Array(12), utf8(''), utf8(''))).rejects.toMatchObject({
        code: 'usage/invalid-argument',
      })
    } finally {
      vi.unstubAllGlobals()
    }
  })
})
