import { createCipheriv } from 'node:crypto'
import type { CiphersuiteImpl } from 'ts-mls/crypto/ciphersuite.js'
import { expect, test } from 'vitest'
import { nobleEd25519, nobleX25519 } from '../../src/adapters/crypto/curves-noble.ts'
import { nodeMlsPrimitives } from '../../src/adapters/crypto/mls-node.ts'
import { webMlsPrimitives } from '../../src/adapters/crypto/mls-web.ts'
import { createGroupEngine } from '../../src/protocol/mls/create-group-engine.ts'
import { SUITES, type Suite } from '../../src/protocol/mls/engine.ts'
import { MLS_NAMES } from '../../src/protocol/mls/suites.ts'
import { AAD, anyone, bytes, LIFETIME, newDevice, text } from './support.ts'

const nobleCurves = { ed25519: async () => nobleEd25519(), x25519: async () => nobleX25519() }
const providers = { node: nodeMlsPrimitives(), web: webMlsPrimitives(), noble: webMlsPrimitives(nobleCurves) }
const load = (name: keyof typeof providers, suite: Suite) =>
  providers[name].suite(MLS_NAMES[suite]) as Promise<CiphersuiteImpl>

for (const suite of SUITES)
  for (const [from, to] of [
    ['node', 'web'],
    ['web', 'node'],
    ['node', 'noble'],
    ['noble', 'web'],
  ] as const)
    test(`${suite}: what ${from} makes, ${to} understands`, async () => {
      const [a, b] = [await load(from, suite), await load(to, suite)]
      const data = bytes(300)
      const ikm = bytes(32)
      expect(await b.hash.digest(data)).toEqual(await a.hash.digest(data))
      expect(await b.hash.verifyMac(ikm, await a.hash.mac(ikm, data), data)).toBe(true)
      const salt = bytes(a.kdf.size)
      expect(await b.kdf.extract(salt, data)).toEqual(await a.kdf.extract(salt, data))
      for (const length of [1, 16, 32, 64, 65, 200]) {
        const key = await a.kdf.extract(salt, data)
        expect(await b.kdf.expand(key, data, length)).toEqual(await a.kdf.expand(key, data, length))
      }
      const pair = await a.signature.keygen()
      expect(await b.signature.verify(pair.publicKey, data, await a.signature.sign(pair.signKey, data))).toBe(true)
      expect(await b.signature.verify(pair.publicKey, data, bytes(64))).toBe(false)
      expect(await b.signature.verify(bytes(31), data, bytes(64))).toBe(false)
      const derived = await a.hpke.deriveKeyPair(ikm)
      const again = await b.hpke.deriveKeyPair(ikm)
      const raw = await a.hpke.exportPublicKey(derived.publicKey)
      expect(await b.hpke.exportPublicKey(again.publicKey)).toEqual(raw)
      expect(await b.hpke.exportPrivateKey(again.privateKey)).toEqual(await a.hpke.exportPrivateKey(derived.privateKey))
      const sealed = await a.hpke.seal(await a.hpke.importPublicKey(raw), data, ikm, AAD)
      const key = await b.hpke.importPrivateKey(await a.hpke.exportPrivateKey(derived.privateKey))
      expect(await b.hpke.open(key, sealed.enc, sealed.ct, ikm, AAD)).toEqual(data)
      const exported = await a.hpke.exportSecret(await a.hpke.importPublicKey(raw), data, 48, ikm)
      expect(await b.hpke.importSecret(key, data, exported.enc, 48, ikm)).toEqual(exported.secret)
      const [aeadKey, nonce] = [bytes(a.hpke.keyLength), bytes(a.hpke.nonceLength)]
      expect(
        await b.hpke.decryptAead(aeadKey, nonce, AAD, await a.hpke.encryptAead(aeadKey, nonce, AAD, data)),
      ).toEqual(data)
    })

test('a Node device and a browser device share a group of each suite', async () => {
  for (const suite of SUITES) {
    const node = createGroupEngine({ crypto: providers.node })
    const web = createGroupEngine({ crypto: providers.web })
    const [a, b] = [newDevice(), newDevice()]
    const own = await node.createKeyPackage(suite, a.identity, a.seed, LIFETIME)
    const invited = await web.createKeyPackage(suite, b.identity, b.seed, LIFETIME)
    const added = await node.commit(
      await node.create(bytes(32), own),
      { kind: 'add', keyPackages: [invited.publicPackage] },
      AAD,
    )
    const joined = await web.join(added.welcome as Uint8Array, (await node.publicState(added.next)).tree, invited)
    const update = await web.commit(joined, { kind: 'update' }, AAD)
    const verdict = await node.judge(added.next, update.commit, anyone)
    const after = await node.apply(added.next, update.commit, verdict)
    expect(after.authenticator).toEqual(update.next.authenticator)
    const { message } = await node.encrypt(after, text('hello'), AAD)
    expect((await web.decrypt(update.next, message)).plaintext).toEqual(text('hello'))
  }
})

test.each(['node', 'web', 'noble'] as const)(
  'the %s provider refuses short tags, short ciphertexts and points of small order',
  async (name) => {
    const { hpke, signature } = await load(name, 'group-x25519-aes128')
    const [key, nonce] = [bytes(16), bytes(12)]
    const cipher = createCipheriv('aes-128-gcm', key, nonce, { authTagLength: 16 })
    const body = cipher.update(new Uint8Array(0))
    cipher.final()
    const short = new Uint8Array([...body, ...cipher.getAuthTag().subarray(0, 4)])
    await expect(hpke.decryptAead(key, nonce, undefined, short)).rejects.toThrow('without a tag')
    await expect(hpke.decryptAead(key, nonce, undefined, bytes(15))).rejects.toThrow('without a tag')
    await expect(hpke.importPublicKey(bytes(31))).rejects.toThrow()
    await expect(
      hpke.importPublicKey(new Uint8Array(32)).then((zero) => hpke.seal(zero, bytes(1), bytes(1))),
    ).rejects.toThrow()
    await expect(hpke.importPrivateKey(bytes(33))).rejects.toThrow()
    await expect(signature.sign(bytes(31), bytes(1))).rejects.toThrow()
    await expect(providers[name].suite('__proto__')).rejects.toThrow('not one of ours')
  },
)
