import { diffieHellman, type KeyObject, randomBytes } from 'node:crypto'
import { concat, utf8 } from '../../util/bytes.ts'
import { ephemeralPairs, type PrivateKeyOptions, privateKeys, publicKeys, rawPublic } from './curve-keys-node.ts'
import { labeled } from './kdf.ts'
import { nodeKdf, plain } from './kdf-node.ts'
import type { Kem, RandomBytes } from './kem.ts'

/** The plain function of RFC 7748 over raw keys. */
export const nodeX25519 = (options?: PrivateKeyOptions) => {
  const publicOf = publicKeys('x25519')
  const privateOf = privateKeys('x25519', options)
  return {
    publicKey: (raw: Uint8Array) => rawPublic(privateOf(raw)),
    shared: (privateRaw: Uint8Array, publicRaw: Uint8Array) => pointOf(privateOf(privateRaw), publicOf(publicRaw)),
  }
}

const pointOf = (privateKey: KeyObject, publicKey: KeyObject): Uint8Array => {
  const point = plain(diffieHellman({ privateKey, publicKey }))
  if (point.every((byte) => byte === 0)) throw new RangeError('a point of small order')
  return point
}

interface PublicHandle {
  readonly raw: Uint8Array
  readonly key: KeyObject
}
interface PrivateHandle extends PublicHandle {
  readonly publicRaw: Uint8Array
}

const ID = 0x0020

/** DHKEM(X25519, HKDF-SHA256) of RFC 9180 7.1. `random` replaces the system's source: for simulations. */
export const x25519Kem = (random?: RandomBytes): Kem<PublicHandle, PrivateHandle> => {
  const { extract, expand } = labeled(nodeKdf('sha256'), concat(utf8('KEM'), Uint8Array.of(ID >> 8, ID & 255)))
  const publicOf = publicKeys('x25519')
  const privateOf = privateKeys('x25519', { secret: random === undefined })
  const ephemeral = ephemeralPairs()
  const handles = new WeakMap<Uint8Array, PrivateHandle>()
  const empty = new Uint8Array()

  const importPrivate = (raw: Uint8Array): PrivateHandle => {
    const known = handles.get(raw)
    if (known !== undefined) return known
    const key = privateOf(raw)
    const handle = { raw, key, publicRaw: rawPublic(key) }
    handles.set(raw, handle)
    return handle
  }
  const importPublic = (raw: Uint8Array): PublicHandle => ({ raw, key: publicOf(raw) })
  const pairOf = (raw: Uint8Array) => {
    const privateKey = importPrivate(raw)
    return { privateKey, publicKey: importPublic(privateKey.publicRaw) }
  }
  const share = (privateKey: KeyObject, publicKey: KeyObject, enc: Uint8Array, recipient: Uint8Array): Uint8Array => {
    const point = pointOf(privateKey, publicKey)
    return expand(extract(empty, 'eae_prk', point), 'shared_secret', concat(enc, recipient), 32)
  }

  return {
    id: ID,
    importPublic,
    importPrivate,
    exportPublic: ({ raw }) => raw,
    exportPrivate: ({ raw }) => raw,
    generate: () => pairOf(random ? random(32) : plain(randomBytes(32))),
    derive: (ikm) => pairOf(expand(extract(empty, 'dkp_prk', ikm), 'sk', empty, 32)),
    encap: ({ raw, key }) => {
      if (random) {
        const seeded = importPrivate(random(32))
        return { enc: seeded.publicRaw, secret: share(seeded.key, key, seeded.publicRaw, raw) }
      }
      const { privateKey, publicRaw: enc } = ephemeral()
      return { enc, secret: share(privateKey, key, enc, raw) }
    },
    decap: ({ key, publicRaw }, enc) => share(key, publicOf(enc), enc, publicRaw),
  }
}
