import { createMlKem768, sha3_256, shake256 } from 'mlkem'
import { concat } from '../../util/bytes.ts'
import type { Kem, RandomBytes } from './kem.ts'

/** X25519 (RFC 7748) over raw keys; `shared` throws or rejects for a point of small order. */
export interface XWingCurve {
  publicKey(privateKey: Uint8Array): Uint8Array | Promise<Uint8Array>
  shared(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array | Promise<Uint8Array>
}

interface PrivateHandle {
  readonly raw: Uint8Array
  readonly publicRaw: Uint8Array
  /** ML-KEM's decapsulation key. */
  readonly lattice: Uint8Array
  /** The private key of X25519. */
  readonly scalar: Uint8Array
}

const ID = 0x647a
const SEED = 32
/** Bytes of ML-KEM-768: its public key, and its ciphertext. */
const LATTICE_PUBLIC = 1184
const LATTICE_CIPHERTEXT = 1088
const PUBLIC = LATTICE_PUBLIC + 32
const ENC = LATTICE_CIPHERTEXT + 32
/** \.//^\ in ASCII: a picture of an X-wing. */
const LABEL = Uint8Array.of(0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c)

const exactly = (raw: Uint8Array, length: number, what: string): Uint8Array => {
  if (raw.length !== length) throw new RangeError(`${what} has ${length} bytes`)
  return raw
}

const shake = (input: Uint8Array, length: number): Uint8Array =>
  shake256.create({ dkLen: length }).update(input).digest()

/**
 * X-Wing (draft-connolly-cfrg-xwing-kem): ML-KEM-768 from its library with the X25519 of the platform, as a KEM of
 * HPKE. A private key is its 32-byte seed; a derived one is SHAKE256 of the input.
 */
export const xWingKem = (curve: XWingCurve, random: RandomBytes): Kem<Uint8Array, PrivateHandle> => {
  const lattice = createMlKem768()
  const combine = (fromLattice: Uint8Array, point: Uint8Array, enc: Uint8Array, recipient: Uint8Array): Uint8Array =>
    sha3_256
      .create()
      .update(concat(fromLattice, point, enc, recipient, LABEL))
      .digest()

  const importPrivate = async (raw: Uint8Array): Promise<PrivateHandle> => {
    const expanded = shake(exactly(raw, SEED, 'a private key'), 3 * SEED)
    const [latticePublic, latticePrivate] = (await lattice).deriveKeyPair(expanded.subarray(0, 2 * SEED))
    const scalar = expanded.slice(2 * SEED)
    expanded.fill(0)
    const publicRaw = concat(latticePublic, await curve.publicKey(scalar))
    return { raw, publicRaw, lattice: latticePrivate, scalar }
  }
  const derive = async (ikm: Uint8Array) => {
    const privateKey = await importPrivate(shake(ikm, SEED))
    return { privateKey, publicKey: privateKey.publicRaw }
  }
  return {
    id: ID,
    importPublic: (raw) => exactly(raw, PUBLIC, 'a public key'),
    importPrivate,
    exportPublic: (raw) => raw,
    exportPrivate: ({ raw }) => raw,
    generate: () => derive(random(SEED)),
    derive,
    encap: async (recipient) => {
      const ephemeral = random(2 * SEED)
      const scalar = ephemeral.slice(SEED)
      const [ciphertext, fromLattice] = (await lattice).encap(
        recipient.subarray(0, LATTICE_PUBLIC),
        ephemeral.subarray(0, SEED),
      )
      const theirs = recipient.slice(LATTICE_PUBLIC)
      const ours = await curve.publicKey(scalar)
      const secret = combine(fromLattice, await curve.shared(scalar, theirs), ours, theirs)
      for (const used of [ephemeral, scalar, fromLattice]) used.fill(0)
      return { secret, enc: concat(ciphertext, ours) }
    },
    decap: async ({ lattice: key, scalar, publicRaw }, enc) => {
      exactly(enc, ENC, 'an encapsulation')
      const fromLattice = (await lattice).decap(enc.subarray(0, LATTICE_CIPHERTEXT), key)
      const theirs = enc.slice(LATTICE_CIPHERTEXT)
      const point = await curve.shared(scalar, theirs)
      return combine(fromLattice, point, theirs, publicRaw.subarray(LATTICE_PUBLIC))
    },
  }
}
