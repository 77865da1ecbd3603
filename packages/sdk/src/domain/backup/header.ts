import { DchatError, isDchatError } from '../../errors.ts'
import type { Crypto } from '../../ports/crypto.ts'
import { decodeCbor, encodeCbor } from '../../protocol/wire/cbor.ts'
import { bytes, int, literal, tuple } from '../../protocol/wire/schema.ts'
import type { ByteSource } from '../../util/byte-source.ts'
import { concat, equalBytes, uint16, utf8 } from '../../util/bytes.ts'
import { hkdfSha256, sha256 } from '../../util/hash.ts'
import { passphraseBytes } from '../../util/passphrase.ts'
import { damaged } from './damaged.ts'

/** argon2id's cost: KiB and passes. */
export interface Cost {
  readonly memory: number
  readonly passes: number
}

export type BackupCrypto = Pick<Crypto, 'random' | 'aead' | 'argon2id'>

const MAGIC = utf8('dchat backup\n')
/** Of the file as a whole: how it is sealed and cut. */
const VERSION = 1
const HEADER_LIMIT = 1024
const COST: Cost = { memory: 64 * 1024, passes: 3 }
/** A file that asks for more is damaged, or is meant to exhaust the machine. */
const MEMORY_LIMIT = 1024 * 1024
const PASSES_LIMIT = 64
const KEY_LENGTH = 32
/** Each wrapping key, by its salt, seals one thing. */
const ONCE = new Uint8Array(12)

const schema = tuple(literal('argon2id'), int(8, MEMORY_LIMIT), int(1, PASSES_LIMIT), bytes(16), bytes(KEY_LENGTH + 16))

/** What opens the rest of a file. */
export interface Opened {
  /** Of the chunks. */
  readonly key: Uint8Array
  /** The same for the same file, and for no other. */
  readonly id: Uint8Array
}

const opened = (fileKey: Uint8Array, header: Uint8Array): Opened => {
  const id = sha256(header)
  return { key: hkdfSha256(fileKey, 'dchat/backup-chunks/v1', KEY_LENGTH, id), id }
}

/** The whole header of a new file, and what seals the rest of it. Throws `usage/invalid-argument` for a bad passphrase. */
export const makeHeader = async (
  crypto: BackupCrypto,
  passphrase: Uint8Array | string,
  { memory, passes }: Cost = COST,
): Promise<Opened & { readonly header: Uint8Array }> => {
  const salt = crypto.random(16)
  const wrapping = await crypto.argon2id(passphraseBytes(passphrase), salt, { memory, passes })
  const fileKey = crypto.random(KEY_LENGTH)
  const start = concat(MAGIC, Uint8Array.of(VERSION))
  const sealed = await crypto.aead.seal(wrapping, ONCE, fileKey, contextOf(start, memory, passes, salt))
  const fields = encodeCbor(['argon2id', memory, passes, salt, sealed])
  const header = concat(start, uint16(fields.length), fields)
  return { header, ...opened(fileKey, header) }
}

/** What the sealed key is bound to, so that the cost in a file is the one that was chosen. */
const contextOf = (start: Uint8Array, memory: number, passes: number, salt: Uint8Array): Uint8Array =>
  concat(start, encodeCbor(['argon2id', memory, passes, salt]))

/**
 * Reads the header and opens it. Throws `backup/damaged`, `protocol/unsupported-version`, `identity/wrong-passphrase`
 * and `crypto/out-of-memory`.
 */
export const openHeader = async (
  crypto: BackupCrypto,
  source: ByteSource,
  passphrase: Uint8Array | string,
): Promise<Opened> => {
  const secret = passphraseBytes(passphrase)
  const start = await source.take(MAGIC.length + 1)
  if (start.length <= MAGIC.length || !equalBytes(start.subarray(0, MAGIC.length), MAGIC))
    throw damaged('it is no backup of dchat')
  const version = start[MAGIC.length] as number
  if (version > VERSION)
    throw new DchatError('protocol/unsupported-version', { found: [version], supported: [VERSION] })
  if (version !== VERSION) throw damaged('its version is none')
  const size = await source.take(2)
  const length = ((size[0] ?? 0) << 8) | (size[1] ?? 0)
  if (size.length < 2 || length > HEADER_LIMIT) throw damaged('its header has another form')
  const fields = await source.take(length)
  const [, memory, passes, salt, sealed] = fieldsOf(fields)
  const wrapping = await crypto.argon2id(secret, salt, { memory, passes })
  try {
    const fileKey = await crypto.aead.open(wrapping, ONCE, sealed, contextOf(start, memory, passes, salt))
    return opened(fileKey, concat(start, size, fields))
  } catch (error) {
    if (!isDchatError(error, 'crypto/cannot-decrypt')) throw error
    throw new DchatError('identity/wrong-passphrase', {})
  }
}

const fieldsOf = (encoded: Uint8Array) => {
  try {
    return schema(decodeCbor(encoded, 'backup header', { size: HEADER_LIMIT }), 'backup header')
  } catch (cause) {
    throw damaged('its header has another form', cause)
  }
}
