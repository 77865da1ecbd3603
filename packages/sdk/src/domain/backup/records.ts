import { TABLES, type Table } from '../../ports/storage.ts'
import { type CborValue, decodeCbor, encodeCbor } from '../../protocol/wire/cbor.ts'
import { anything, int, literal, nullable, text, tuple } from '../../protocol/wire/schema.ts'
import type { ByteSource } from '../../util/byte-source.ts'
import { concat } from '../../util/bytes.ts'
import { damaged } from './damaged.ts'

/** A record of the store, with everything that it was put with. */
export interface BackupRow {
  readonly table: Table
  readonly key: string
  readonly scope?: string
  readonly position?: number
  readonly value: unknown
}

/** What stands before the rows. */
export interface Manifest {
  /** ms since 1970, by the clock of the device. */
  readonly createdAt: number
  /** Rows in all. */
  readonly rows: number
}

export type BackupRecord =
  | ({ readonly kind: 'manifest'; readonly version: number } & Manifest)
  | ({ readonly kind: 'row' } & BackupRow)
  /** Rows, and bytes of all records before this one. */
  | { readonly kind: 'end'; readonly rows: number; readonly bytes: number }

/** Of what the rows mean: a reader that knows less refuses. */
export const CONTENT_VERSION = 1
/** A stored row has no more. */
const RECORD_LIMIT = 64 * 1024 * 1024
const LIMITS = { size: RECORD_LIMIT, items: 4_000_000, depth: 32 }
const LENGTH = 4

const MANIFEST = 0
const ROW = 1
const END = 2

const manifest = tuple(literal(MANIFEST), int(), int(), int())
const row = tuple(
  literal(ROW),
  literal(...TABLES),
  text(10_000, 1),
  nullable(text(10_000)),
  nullable(int(Number.MIN_SAFE_INTEGER)),
  anything,
)
const end = tuple(literal(END), int(), int())

/** A record as it stands in the stream: its length, then its content. */
export const encodeRecord = (record: BackupRecord): Uint8Array => {
  const content = encodeCbor(arrayOf(record))
  const length = new Uint8Array(LENGTH)
  new DataView(length.buffer).setUint32(0, content.length)
  return concat(length, content)
}

const arrayOf = (record: BackupRecord): CborValue => {
  switch (record.kind) {
    case 'manifest':
      return [MANIFEST, record.version, record.createdAt, record.rows]
    case 'row': {
      const { table, key, scope = null, position = null, value } = record
      return [ROW, table, key, scope, position, value as CborValue]
    }
    case 'end':
      return [END, record.rows, record.bytes]
  }
}

/** The next record and its length in the stream; undefined at the end. Throws `backup/damaged`. */
export const readRecord = async (
  source: ByteSource,
): Promise<{ readonly record: BackupRecord; readonly bytes: number } | undefined> => {
  if (await source.isOver()) return undefined
  const head = await source.take(LENGTH)
  if (head.length < LENGTH) throw damaged('a record is cut off')
  const length = new DataView(head.buffer, head.byteOffset).getUint32(0)
  if (length > RECORD_LIMIT) throw damaged('a record is too large')
  const content = await source.take(length)
  if (content.length < length) throw damaged('a record is cut off')
  return { record: decoded(content), bytes: LENGTH + length }
}

const decoded = (content: Uint8Array): BackupRecord => {
  try {
    const value = decodeCbor(content, 'backup record', LIMITS)
    switch (Array.isArray(value) ? value[0] : undefined) {
      case MANIFEST: {
        const [, version, createdAt, rows] = manifest(value, 'manifest')
        return { kind: 'manifest', version, createdAt, rows }
      }
      case ROW: {
        const [, table, key, scope, position, stored] = row(value, 'row')
        const place = scope === null || position === null ? {} : { scope, position }
        return { kind: 'row', table, key, ...place, value: stored }
      }
      default: {
        const [, rows, bytes] = end(value, 'end')
        return { kind: 'end', rows, bytes }
      }
    }
  } catch (cause) {
    throw damaged('a record has another form', cause)
  }
}
