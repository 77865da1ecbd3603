import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { concat, utf8 } from '../../util/bytes.ts'

/**
 * CPace over ristretto255 with SHA-512 (draft-irtf-cfrg-cpace-21, suite CPACE-RISTR255-SHA512, roles initiator and
 * responder): a key for two who share a short secret. Whoever does not know the secret has one guess for each run, and
 * learns nothing that could be tried elsewhere. Names and order of arguments are the draft's.
 */

const { Point } = ristretto255
const DSI = utf8('CPaceRistretto255')
const DSI_ISK = utf8('CPaceRistretto255_ISK')
const MAC = utf8('CPaceMac')
/** Input block of SHA-512. */
const BLOCK = 128

export interface PakeInputs {
  /** The secret that both know. */
  readonly prs: Uint8Array
  /** What the key is for, and between which roles. */
  readonly ci: Uint8Array
  readonly sid: Uint8Array
}

/** One side's public message: its share, and data that is authenticated with it. */
export interface PakeShare {
  readonly y: Uint8Array
  readonly ad: Uint8Array
}

/** A length as LEB128. */
const leb128 = (length: number): number[] =>
  length < 0x80 ? [length] : [(length & 0x7f) | 0x80, ...leb128(length >>> 7)]

/** Each part after its length. */
export const lvCat = (...parts: readonly Uint8Array[]): Uint8Array =>
  concat(...parts.flatMap((part) => [new Uint8Array(leb128(part.length)), part]))

export const generatorString = ({ prs, ci, sid }: PakeInputs): Uint8Array => {
  const pad = Math.max(0, BLOCK - lvCat(prs).length - lvCat(DSI).length - 1)
  return lvCat(DSI, prs, new Uint8Array(pad), ci, sid)
}

/** The element derivation of RFC 9496 4.3.4; the library has it for this group. */
const { deriveToCurve } = ristretto255_hasher as Required<typeof ristretto255_hasher>

const generator = (inputs: PakeInputs) => deriveToCurve(sha512(generatorString(inputs)))

export const pakeGenerator = (inputs: PakeInputs): Uint8Array => generator(inputs).toBytes()

/** Little-endian; always below the order once its highest bits are cleared. */
const scalarOf = (bytes: Uint8Array): bigint => bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)

/** A secret scalar from 32 random bytes: the four bits above the size of the group are cleared. */
export const pakeScalar = (random: (length: number) => Uint8Array): Uint8Array => {
  const scalar = random(32).slice()
  scalar[31] = (scalar[31] as number) & 0x0f
  return scalar
}

/** The public share of a secret scalar. */
export const pakePublic = (inputs: PakeInputs, scalar: Uint8Array): Uint8Array =>
  generator(inputs).multiply(scalarOf(scalar)).toBytes()

/** The shared point; undefined for what is no point, or the neutral one, where the draft has both sides stop. */
export const pakeShared = (scalar: Uint8Array, share: Uint8Array): Uint8Array | undefined => {
  try {
    const point = Point.fromBytes(share)
    return point.is0() ? undefined : point.multiply(scalarOf(scalar)).toBytes()
  } catch {
    return undefined
  }
}

/** The key of both, 64 bytes: `a` began, `b` answered. */
export const pakeKey = (sid: Uint8Array, shared: Uint8Array, a: PakeShare, b: PakeShare): Uint8Array =>
  sha512(concat(lvCat(DSI_ISK, sid, shared), lvCat(a.y, a.ad), lvCat(b.y, b.ad)))

/** What a side shows to prove that it has the key: over the share that it sent. 64 bytes. */
export const pakeTag = (sid: Uint8Array, key: Uint8Array, { y, ad }: PakeShare): Uint8Array =>
  hmac(sha512, sha512(concat(MAC, sid, key)), lvCat(y, ad))
