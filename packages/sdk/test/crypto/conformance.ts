import { Aes256Gcm, CipherSuite, HkdfSha256 } from '@hpke/core'
import { XWing } from '@hpke/hybridkem-x-wing'
import { gcm } from '@noble/ciphers/aes.js'
import { ed25519 as nobleEd25519 } from '@noble/curves/ed25519.js'
import { argon2id as nobleArgon2id } from '@noble/hashes/argon2.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isDchatError } from '../../src/errors.ts'
import type { Crypto } from '../../src/ports/crypto.ts'
import { fromHex, utf8 } from '../../src/util/bytes.ts'

const hex = (text: string) => fromHex(text) as Uint8Array
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const cannotDecrypt = (error: unknown) => isDchatError(error, 'crypto/cannot-decrypt')
const plainBytes = (value: Uint8Array) => expect(Object.getPrototypeOf(value)).toBe(Uint8Array.prototype)

/** What every implementation of the crypto port does alike; the other side is a library of its own. */
export const cryptoConformance = (name: string, crypto: Crypto) =>
  describe(name, () => {
    describe('Ed25519', () => {
      test('RFC 8032 7.1, TEST 1 and TEST 3', async () => {
        const cases = [
          [
            '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
            'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
            '',
            'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
          ],
          [
            'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
            'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
            'af82',
            '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
          ],
        ] as const
        for (const [seed, publicKey, message, signature] of cases) {
          expect(await crypto.ed25519.publicKey(hex(seed))).toEqual(hex(publicKey))
          expect(await crypto.ed25519.sign(hex(seed), hex(message))).toEqual(hex(signature))
          expect(await crypto.ed25519.verify(hex(publicKey), hex(message), hex(signature))).toBe(true)
        }
      })

      test('agrees with another implementation', async () => {
        await fc.assert(
          fc.asyncProperty(bytes(32), fc.uint8Array(), async (seed, message) => {
            const signature = await crypto.ed25519.sign(seed, message)
            plainBytes(signature)
            expect(signature).toEqual(nobleEd25519.sign(message, seed))
            expect(await crypto.ed25519.publicKey(seed)).toEqual(nobleEd25519.getPublicKey(seed))
          }),
          { numRuns: 30 },
        )
      })

      test('knows a private key by its buffer and not by what stood there before', async () => {
        const larger = new Uint8Array(96)
        larger.set(new Uint8Array(32).fill(1), 32)
        const seed = larger.subarray(32, 64)
        const publicKey = await crypto.ed25519.publicKey(seed)
        expect(publicKey).toEqual(nobleEd25519.getPublicKey(seed))
        const other = seed.slice().fill(2)
        expect(await crypto.ed25519.publicKey(other)).not.toEqual(publicKey)
        expect(await crypto.ed25519.sign(other, utf8('x'))).toEqual(nobleEd25519.sign(utf8('x'), other))
        publicKey.fill(0)
        expect(await crypto.ed25519.publicKey(seed)).toEqual(nobleEd25519.getPublicKey(seed))
        await expect(crypto.ed25519.sign(new Uint8Array(31), utf8('x'))).rejects.toThrow('32 bytes')
        await expect(crypto.ed25519.publicKey(new Uint8Array(33))).rejects.toThrow('32 bytes')
      })

      test('refuses changed messages and answers false, never a throw, for keys and signatures of any form', async () => {
        const seed = new Uint8Array(32).fill(1)
        const publicKey = await crypto.ed25519.publicKey(seed)
        const signature = await crypto.ed25519.sign(seed, utf8('yes'))
        expect(await crypto.ed25519.verify(publicKey, utf8('no'), signature)).toBe(false)
        const any = fc.uint8Array({ maxLength: 80 })
        await fc.assert(
          fc.asyncProperty(fc.oneof(any, bytes(32)), fc.oneof(any, bytes(64)), async (key, forged) => {
            expect(await crypto.ed25519.verify(key, utf8('yes'), forged)).toBe(false)
            expect(await crypto.ed25519.verify(publicKey, utf8('yes'), forged)).toBe(false)
          }),
        )
      })
    })

    describe('AES-256-GCM', () => {
      const key = new Uint8Array(32).fill(1)
      const nonce = new Uint8Array(12).fill(2)

      test('agrees with another implementation, both ways', async () => {
        await fc.assert(
          fc.asyncProperty(bytes(32), bytes(12), fc.uint8Array(), fc.uint8Array(), async (k, n, plaintext, aad) => {
            const sealed = await crypto.aead.seal(k, n, plaintext, aad)
            plainBytes(sealed)
            expect(sealed).toEqual(gcm(k, n, aad).encrypt(plaintext))
            expect(await crypto.aead.open(k, n, sealed, aad)).toEqual(plaintext)
          }),
        )
      })

      test('a key or a nonce of another length is refused, and opens nothing', async () => {
        const sealed = await crypto.aead.seal(key, nonce, utf8('hello'), utf8(''))
        for (const length of [0, 16, 24, 31, 33]) {
          const bad = new Uint8Array(length).fill(1)
          await expect(crypto.aead.seal(bad, nonce, utf8('hello'), utf8(''))).rejects.toThrow()
          await expect(crypto.aead.open(bad, nonce, sealed, utf8(''))).rejects.toSatisfy(cannotDecrypt)
        }
        for (const length of [0, 11, 13, 16]) {
          const bad = new Uint8Array(length).fill(2)
          await expect(crypto.aead.seal(key, bad, utf8('hello'), utf8(''))).rejects.toThrow()
          await expect(crypto.aead.open(key, bad, sealed, utf8(''))).rejects.toSatisfy(cannotDecrypt)
        }
      })

      test('works on views into larger buffers', async () => {
        const larger = new Uint8Array(100).fill(9)
        larger.set(key, 7)
        larger.set(nonce, 50)
        const aad = utf8('context')
        const sealed = await crypto.aead.seal(larger.subarray(7, 39), larger.subarray(50, 62), utf8('hello'), aad)
        expect(sealed).toEqual(await crypto.aead.seal(key, nonce, utf8('hello'), aad))
        const wide = new Uint8Array(sealed.length + 20)
        wide.set(sealed, 10)
        expect(await crypto.aead.open(key, nonce, wide.subarray(10, 10 + sealed.length), aad)).toEqual(utf8('hello'))
      })

      test('a changed bit anywhere, other data or a cut tag is crypto/cannot-decrypt', async () => {
        const aad = utf8('context')
        const sealed = await crypto.aead.seal(key, nonce, utf8('hello'), aad)
        for (let at = 0; at < sealed.length; at++) {
          const changed = sealed.slice()
          changed[at] = (changed[at] as number) ^ 1
          await expect(crypto.aead.open(key, nonce, changed, aad)).rejects.toSatisfy(cannotDecrypt)
        }
        await expect(crypto.aead.open(key, nonce, sealed, utf8('other'))).rejects.toSatisfy(cannotDecrypt)
        for (let length = 0; length < sealed.length; length++)
          await expect(crypto.aead.open(key, nonce, sealed.subarray(0, length), aad)).rejects.toSatisfy(cannotDecrypt)
      })
    })

    describe('boxes', () => {
      const seed = new Uint8Array(32).fill(3)
      const info = utf8('dchat/test')

      test('round trip with the sizes of the port; the key is a function of the seed', async () => {
        const publicKey = await crypto.box.publicKey(seed)
        expect(publicKey.length).toBe(1216)
        expect(await crypto.box.publicKey(Uint8Array.from(seed))).toEqual(publicKey)
        for (const length of [0, 1, 5_000]) {
          const plaintext = crypto.random(length)
          const sealed = await crypto.box.seal(publicKey, plaintext, info)
          expect(sealed.length).toBe(1120 + length + 16)
          expect(await crypto.box.open(seed, sealed, info)).toEqual(plaintext)
        }
      })

      test('the HPKE library opens them, and seals what opens here (RFC 9180)', async () => {
        const kem = new XWing()
        const suite = new CipherSuite({ kem, kdf: new HkdfSha256(), aead: new Aes256Gcm() })
        const publicKey = await crypto.box.publicKey(seed)
        const recipientPublicKey = await kem.deserializePublicKey(Uint8Array.from(publicKey).buffer)
        const theirs = await suite.seal(
          { recipientPublicKey, info: Uint8Array.from(info).buffer },
          Uint8Array.from([1, 2]).buffer,
        )
        const joined = Uint8Array.from([...new Uint8Array(theirs.enc), ...new Uint8Array(theirs.ct)])
        expect(await crypto.box.open(seed, joined, info)).toEqual(Uint8Array.from([1, 2]))
        const { privateKey } = await kem.deriveKeyPair(Uint8Array.from(seed).buffer)
        const ours = await crypto.box.seal(publicKey, Uint8Array.from([3]), info)
        const opened = await suite.open(
          { recipientKey: privateKey, enc: ours.slice(0, 1120).buffer, info: Uint8Array.from(info).buffer },
          ours.slice(1120).buffer,
        )
        expect(new Uint8Array(opened)).toEqual(Uint8Array.from([3]))
      })

      test('another seed, another info, a changed or cut box is crypto/cannot-decrypt', async () => {
        const sealed = await crypto.box.seal(await crypto.box.publicKey(seed), utf8('hello'), info)
        await expect(crypto.box.open(new Uint8Array(32), sealed, info)).rejects.toSatisfy(cannotDecrypt)
        await expect(crypto.box.open(seed, sealed, utf8('other'))).rejects.toSatisfy(cannotDecrypt)
        for (const at of [0, 1_000, 1_100, 1_119, 1_120, sealed.length - 1]) {
          const changed = sealed.slice()
          changed[at] = (changed[at] as number) ^ 1
          await expect(crypto.box.open(seed, changed, info)).rejects.toSatisfy(cannotDecrypt)
        }
        for (const length of [0, 1, 1_119, 1_120, 1_130])
          await expect(crypto.box.open(seed, sealed.subarray(0, length), info)).rejects.toSatisfy(cannotDecrypt)
      })
    })

    test('argon2id agrees with another implementation', async () => {
      const [passphrase, salt] = [utf8('correct horse'), new Uint8Array(16).fill(5)]
      const expected = nobleArgon2id(passphrase, salt, { m: 256, t: 3, p: 1, dkLen: 32 })
      expect(await crypto.argon2id(passphrase, salt, { memory: 256, passes: 3 })).toEqual(expected)
    })

    test('random bytes have the asked length and do not repeat', () => {
      expect(crypto.random(0).length).toBe(0)
      plainBytes(crypto.random(32))
      expect(crypto.random(32)).not.toEqual(crypto.random(32))
    })
  })
