import { XWing } from '@hpke/hybridkem-x-wing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { platformX25519 } from '../../src/adapters/crypto/curves-platform.ts'
import { nodeX25519 } from '../../src/adapters/crypto/x25519-node.ts'
import { xWingKem } from '../../src/adapters/crypto/xwing.ts'

const library = new XWing()
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const buffer = (view: Uint8Array) => view.slice().buffer as ArrayBuffer
const curves = { Node: nodeX25519(), browsers: platformX25519() }

describe.each(Object.entries(curves))('X-Wing over the X25519 of %s', (_name, curve) => {
  test('makes of the same bytes what another implementation makes', async () => {
    await fc.assert(
      fc.asyncProperty(bytes(32), bytes(64), async (ikm, ekm) => {
        const kem = xWingKem(curve, () => ekm.slice())
        const [ours, theirs] = [await kem.derive(ikm), await library.deriveKeyPair(buffer(ikm))]
        const raw = await kem.exportPublic(ours.publicKey)
        expect(raw).toEqual(new Uint8Array(await library.serializePublicKey(theirs.publicKey)))
        const seed = await kem.exportPrivate(ours.privateKey)
        expect(seed).toEqual(new Uint8Array(await library.serializePrivateKey(theirs.privateKey)))
        const made = await kem.encap(await kem.importPublic(raw))
        const other = await library.encap({ recipientPublicKey: theirs.publicKey, ekm: buffer(ekm) })
        expect(made.enc).toEqual(new Uint8Array(other.enc))
        expect(made.secret).toEqual(new Uint8Array(other.sharedSecret))
        expect(await kem.decap(await kem.importPrivate(seed.slice()), made.enc)).toEqual(made.secret)
        // A changed encapsulation leads to another secret, and both to the same one (implicit rejection).
        const changed = made.enc.slice()
        changed[7] = (changed[7] as number) ^ 1
        const wrong = await kem.decap(ours.privateKey, changed)
        expect(wrong).not.toEqual(made.secret)
        const recipientKey = theirs.privateKey
        expect(wrong).toEqual(new Uint8Array(await library.decap({ recipientKey, enc: buffer(changed) })))
      }),
      { numRuns: 10 },
    )
  })

  test('refuses keys and encapsulations of other lengths, and points that lead nowhere', async () => {
    const kem = xWingKem(curve, (length) => new Uint8Array(length).fill(1))
    const { publicKey, privateKey } = await kem.generate()
    for (const length of [0, 31, 33])
      await expect(kem.importPrivate(new Uint8Array(length))).rejects.toThrow('32 bytes')
    for (const length of [0, 1_215, 1_217]) expect(() => kem.importPublic(new Uint8Array(length))).toThrow('1216 bytes')
    for (const length of [0, 1_119, 1_121])
      await expect(kem.decap(privateKey, new Uint8Array(length))).rejects.toThrow('1120 bytes')
    const nowhere = publicKey.slice()
    nowhere.fill(0, 1_184)
    await expect(kem.encap(nowhere)).rejects.toThrow()
    const unreduced = publicKey.slice()
    unreduced.fill(255, 0, 1_184)
    await expect(kem.encap(unreduced)).rejects.toThrow()
  })
})
