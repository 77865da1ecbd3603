import { concat, utf8 } from '../../util/bytes.ts'
import { systemRandom } from '../../util/system-random.ts'
import { exactly32 } from './curve-keys.ts'
import type { X25519 } from './curves.ts'
import { labeled } from './kdf.ts'
import { webKdf } from './kdf-web.ts'
import type { Kem } from './kem.ts'

interface PrivateHandle {
  readonly raw: Uint8Array
  readonly publicRaw: Uint8Array
}

const ID = 0x0020
const EMPTY = new Uint8Array()

/** DHKEM(X25519, HKDF-SHA256) of RFC 9180 7.1 over an X25519. */
export const webX25519Kem = (curve: X25519): Kem<Uint8Array, PrivateHandle> => {
  const { extract, expand } = labeled(webKdf('sha256'), concat(utf8('KEM'), Uint8Array.of(ID >> 8, ID & 255)))
  const handles = new WeakMap<Uint8Array, PrivateHandle>()

  const importPrivate = async (raw: Uint8Array): Promise<PrivateHandle> => {
    exactly32(raw)
    const known = handles.get(raw)
    if (known !== undefined) return known
    const handle = { raw, publicRaw: await curve.publicKey(raw) }
    handles.set(raw, handle)
    return handle
  }
  const importPublic = (raw: Uint8Array): Uint8Array => {
    exactly32(raw)
    return raw
  }
  const pairOf = async (raw: Uint8Array) => {
    const privateKey = await importPrivate(raw)
    return { privateKey, publicKey: privateKey.publicRaw }
  }
  const secretOf = (point: Uint8Array, enc: Uint8Array, recipient: Uint8Array): Uint8Array =>
    expand(extract(EMPTY, 'eae_prk', point), 'shared_secret', concat(enc, recipient), 32)

  return {
    id: ID,
    importPublic,
    importPrivate,
    exportPublic: (raw) => raw,
    exportPrivate: ({ raw }) => raw,
    generate: () => pairOf(systemRandom(32)),
    derive: (ikm) => pairOf(expand(extract(EMPTY, 'dkp_prk', ikm), 'sk', EMPTY, 32)),
    encap: async (recipient) => {
      const ephemeral = systemRandom(32)
      const enc = await curve.publicKey(ephemeral)
      const secret = secretOf(await curve.shared(ephemeral, recipient), enc, recipient)
      ephemeral.fill(0)
      return { enc, secret }
    },
    decap: async ({ raw, publicRaw }, enc) => secretOf(await curve.shared(raw, enc), enc, publicRaw),
  }
}
