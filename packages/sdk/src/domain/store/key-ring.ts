import { DchatError } from '../../errors.ts'
import { fromHex, fromUtf8, toHex, utf8 } from '../../util/bytes.ts'

/** One way to the store key. Each stands for itself: any of them opens the store. */
export type Wrap =
  | {
      readonly kind: 'passphrase'
      /** argon2id; KiB and passes. */
      readonly memory: number
      readonly passes: number
      readonly salt: Uint8Array
      readonly nonce: Uint8Array
      readonly sealed: Uint8Array
    }
  | { readonly kind: 'key-file'; readonly nonce: Uint8Array; readonly sealed: Uint8Array }
  | {
      readonly kind: 'keystore'
      /** What the keystore made of the wrapping key. */
      readonly wrapped: Uint8Array
      readonly nonce: Uint8Array
      readonly sealed: Uint8Array
    }

export type WrapKind = Wrap['kind']

const VERSION = 1
const SIZE_LIMIT = 1024 * 1024
/** A file that asks for more is damaged, or is meant to exhaust the machine. */
const MEMORY_LIMIT = 1024 * 1024
/** argon2's own lower bound. */
const MEMORY_LEAST = 8
const PASSES_LIMIT = 64

/** `store.keys`: JSON, bytes as hex, so that a person can see what protects the store. */
export const encodeKeyRing = (wraps: readonly Wrap[]): Uint8Array => {
  const plain = wraps.map((wrap) =>
    Object.fromEntries(
      Object.entries(wrap).map(([name, value]) => [name, value instanceof Uint8Array ? toHex(value) : value]),
    ),
  )
  return utf8(`${JSON.stringify({ version: VERSION, wraps: plain }, undefined, 2)}\n`)
}

/** Throws `storage/corrupt`, or `storage/newer-schema` for the file of a newer version. */
export const decodeKeyRing = (bytes: Uint8Array, store: string): readonly Wrap[] => {
  const corrupt = (reason: string, cause?: unknown) =>
    new DchatError('storage/corrupt', { store, reason: `its key file ${reason}` }, { cause })
  if (bytes.length > SIZE_LIMIT) throw corrupt('is too large')
  let content: unknown
  try {
    content = JSON.parse(fromUtf8(bytes))
  } catch (cause) {
    throw corrupt('is no JSON', cause)
  }
  const { version, wraps } = fieldsOf(content)
  if (typeof version === 'number' && version > VERSION)
    throw new DchatError('storage/newer-schema', { found: version, supported: VERSION })
  if (version !== VERSION || !Array.isArray(wraps)) throw corrupt('has another form')
  // A kind that this version does not know is passed over: another wrap may still open the store.
  return wraps.flatMap((entry: unknown): Wrap[] => {
    const fields = fieldsOf(entry)
    const hex = (name: string, length?: number): Uint8Array => {
      const value = fields[name]
      const found = typeof value === 'string' ? fromHex(value) : undefined
      if (found === undefined || (length !== undefined && found.length !== length)) throw corrupt('has another form')
      return found
    }
    const count = (name: string, least: number, limit: number): number => {
      const value = fields[name]
      if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > limit)
        throw corrupt('has another form')
      return value
    }
    const box = () => ({ nonce: hex('nonce', 12), sealed: hex('sealed', 48) })
    if (fields.kind === 'passphrase') {
      const [memory, passes] = [count('memory', MEMORY_LEAST, MEMORY_LIMIT), count('passes', 1, PASSES_LIMIT)]
      return [{ kind: 'passphrase', memory, passes, salt: hex('salt', 16), ...box() }]
    }
    if (fields.kind === 'key-file') return [{ kind: 'key-file', ...box() }]
    if (fields.kind === 'keystore') return [{ kind: 'keystore', wrapped: hex('wrapped'), ...box() }]
    return []
  })
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
