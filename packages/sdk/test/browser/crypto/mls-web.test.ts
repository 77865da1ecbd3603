import type { CiphersuiteImpl } from 'ts-mls/crypto/ciphersuite.js'
import { refhash } from 'ts-mls/crypto/hash.js'
import { decryptWithLabel, encryptWithLabel } from 'ts-mls/crypto/hpke.js'
import { deriveSecret, deriveTreeSecret, expandWithLabel } from 'ts-mls/crypto/kdf.js'
import { signWithLabel, verifyWithLabel } from 'ts-mls/crypto/signature.js'
import { expect, test } from 'vitest'
import { nobleEd25519, nobleX25519 } from '../../../src/adapters/crypto/curves-noble.ts'
import { webMlsPrimitives } from '../../../src/adapters/crypto/mls-web.ts'
import { fromHex, toHex } from '../../../src/util/bytes.ts'
import vectors from '../../../vectors/mls/crypto-basics.json' with { type: 'json' }

const NAME = 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519'
const unhex = (text: string) => fromHex(text) as Uint8Array
const providers = {
  platform: webMlsPrimitives(),
  'JavaScript curves': webMlsPrimitives({ ed25519: async () => nobleEd25519(), x25519: async () => nobleX25519() }),
}

test.each(Object.entries(providers))('RFC 9420, crypto-basics.json, with the %s', async (_name, primitives) => {
  const cs = (await primitives.suite(NAME)) as CiphersuiteImpl
  const mine = vectors.filter(({ cipher_suite }) => cipher_suite === 1)
  expect(mine.length).toBeGreaterThan(0)
  for (const vector of mine) {
    const { ref_hash, expand_with_label: expand, derive_secret, derive_tree_secret: tree } = vector
    expect(toHex(await refhash(ref_hash.label, unhex(ref_hash.value), cs.hash))).toBe(ref_hash.out)
    const [secret, context] = [unhex(expand.secret), unhex(expand.context)]
    expect(toHex(await expandWithLabel(secret, expand.label, context, expand.length, cs.kdf))).toBe(expand.out)
    expect(toHex(await deriveSecret(unhex(derive_secret.secret), derive_secret.label, cs.kdf))).toBe(derive_secret.out)
    expect(toHex(await deriveTreeSecret(unhex(tree.secret), tree.label, tree.generation, tree.length, cs.kdf))).toBe(
      tree.out,
    )
    const { priv, pub, content, label, signature } = vector.sign_with_label
    expect(await verifyWithLabel(unhex(pub), label, unhex(content), unhex(signature), cs.signature)).toBe(true)
    const again = await signWithLabel(unhex(priv), label, unhex(content), cs.signature)
    expect(await verifyWithLabel(unhex(pub), label, unhex(content), again, cs.signature)).toBe(true)
    const box = vector.encrypt_with_label
    const key = await cs.hpke.importPrivateKey(unhex(box.priv))
    const info = unhex(box.context)
    expect(
      toHex(await decryptWithLabel(key, box.label, info, unhex(box.kem_output), unhex(box.ciphertext), cs.hpke)),
    ).toBe(box.plaintext)
    const recipient = await cs.hpke.importPublicKey(unhex(box.pub))
    const sealed = await encryptWithLabel(recipient, box.label, info, unhex(box.plaintext), cs.hpke)
    expect(toHex(await decryptWithLabel(key, box.label, info, sealed.enc, sealed.ct, cs.hpke))).toBe(box.plaintext)
  }
})
