import { DchatError } from '../../errors.ts'
import { fromHex, fromUtf8, toHex, utf8 } from '../../util/bytes.ts'

/** argon2id's costs; `memory` in KiB. */
export interface PassphraseCost {
  readonly memory: number
  readonly passes: number
}

interface Sealed {
  /** The store key, sealed under a key that the wrap's kind gives: nonce ‖ ciphertext. */
  readonly sealed: Uint8Array
}
export type PassphraseWrap = Sealed & { readonly kind: 'passphrase'; readonly salt: Uint8Array } & PassphraseCost
export type KeyFileWrap = Sealed & { readonly kind: 'key-file' }
export type KeystoreWrap = Sealed & { readonly kind: 'keystore'; readonly wrapped: Uint8Array }
export type Wrap = PassphraseWrap | KeyFileWrap | KeystoreWrap

/** The ways to one store key, at most one of each kind. */
export type KeyRing = readonly Wrap[]

export const RING_LIMIT = 32 * 1024
const VERSION = 1
const SEALED_LENGTH = 12 + 32 + 16
const SALT_LENGTH = 16
const WRAPPED_LIMIT = 4_096
/** A changed file must not make a program ask for any amount of memory or time. */
const MEMORY = { least: 8, most: 1024 * 1024 }
const PASSES = { least: 1, most: 64 }

export const isAllowedCost = ({ memory, passes }: PassphraseCost): boolean =>
  inRange(memory, MEMORY) && inRange(passes, PASSES)

export const isAllowedWrapped = (wrapped: Uint8Array): boolean => wrapped.length > 0 && wrapped.length <= WRAPPED_LIMIT

export const formatKeyRing = (ring: KeyRing): Uint8Array => {
  const wraps = ring.map((wrap) =>
    Object.fromEntries(Object.entries(wrap).map(([name, value]) => [name, value instanceof Uint8Array ? toHex(value) : value])),
  )
  return utf8(`${JSON.stringify({ version: VERSION, wraps }, undefined, 2)}\n`)
}

/** Throws `storage/corrupt`, or `storage/newer-schema` for a file of a later version. */
export const parseKeyRing = (bytes: Uint8Array, place: string): KeyRing => {
  const refuse = (reason: string, cause?: unknown) => new DchatError('storage/corrupt', { store: place, reason }, { cause })
  if (bytes.length > RING_LIMIT) throw refuse('its keys are too long')
  let data: unknown
  try {
    data = JSON.parse(fromUtf8(bytes))
  } catch (cause) {
    throw refuse('its keys do not read', cause)
  }
  if (!isObject(data) || !Number.isSafeInteger(data.version)) throw refuse('its keys have another form')
  const version = data.version as number
  if (version > VERSION) throw new DchatError('storage/newer-schema', { found: version, supported: VERSION })
  if (version !== VERSION || !Array.isArray(data.wraps)) throw refuse('its keys have another form')
  const wraps = data.wraps.map(wrapOf)
  if (wraps.length === 0 || new Set(wraps.map((wrap) => wrap?.kind)).size !== wraps.length || wraps.includes(undefined))
    throw refuse('its keys have another form')
  return wraps as Wrap[]
}

const wrapOf = (data: unknown): Wrap | undefined => {
  if (!isObject(data)) return undefined
  const sealed = bytesOf(data.sealed, SEALED_LENGTH)
  if (sealed?.length !== SEALED_LENGTH) return undefined
  if (data.kind === 'key-file') return { kind: data.kind, sealed }
  if (data.kind === 'keystore') {
    const wrapped = bytesOf(data.wrapped, WRAPPED_LIMIT)
    return wrapped && isAllowedWrapped(wrapped) ? { kind: data.kind, sealed, wrapped } : undefined
  }
  if (data.kind !== 'passphrase') return undefined
  const salt = bytesOf(data.salt, SALT_LENGTH)
  const cost = { memory: data.memory as number, passes: data.passes as number }
  return salt?.length === SALT_LENGTH && isAllowedCost(cost) ? { kind: data.kind, sealed, salt, ...cost } : undefined
}

const isObject = (data: unknown): data is Readonly<Record<string, unknown>> =>
  typeof data === 'object' && data !== null && !Array.isArray(data)

const bytesOf = (data: unknown, limit: number): Uint8Array | undefined =>
  typeof data === 'string' && data.length <= 2 * limit ? fromHex(data) : undefined

const inRange = (value: number, { least, most }: { least: number; most: number }): boolean =>
  Number.isSafeInteger(value) && value >= least && value <= most
