import nacl from 'tweetnacl'
import { DchatError } from '../../errors.ts'
import type { PageQuery, Reader, Row, Storage, Table, Writer } from '../../ports/storage.ts'
import { type CborValue, decodeCbor, encodeCbor } from '../../protocol/wire/cbor.ts'
import { concat, toHex, utf8 } from '../../util/bytes.ts'
import { hkdfSha256, hmacSha256Under } from '../../util/hash.ts'
import type { Store, StoredRow, StoreReader, StoreWriter, WholeRow } from './store.ts'

const NONCE = nacl.secretbox.nonceLength
/** Rows that are looked at together. */
const SOME = 1_000
const ROW_LIMIT = 64 * 1024 * 1024

const corrupt = (reason: string) => new DchatError('storage/corrupt', { store: 'rows', reason })

/**
 * Records over the storage port: values are sealed by `secretbox` (synchronous, so that it works inside an IndexedDB
 * transaction), keys and lists are blinded by HMAC, places stay as they are. Each sealed value names its table,
 * key and place, so rows cannot be exchanged or moved. A row that does not open throws `storage/corrupt`.
 */
export const sealedStore = (storage: Storage, storeKey: Uint8Array, random: (length: number) => Uint8Array): Store =>
  storeUnsealedBy(nacl.secretbox.open, storage, storeKey, random)

/** The same with something in place of `secretbox.open`: a simulation remembers what it opened. */
export const storeUnsealedBy = (
  unseal: typeof nacl.secretbox.open,
  storage: Storage,
  storeKey: Uint8Array,
  random: (length: number) => Uint8Array,
): Store => {
  const sealKey = hkdfSha256(storeKey, 'dchat/store-seal/v1', 32)
  const nameOf = hmacSha256Under(hkdfSha256(storeKey, 'dchat/store-names/v1', 32))
  const names = new Map<string, string>()

  const blind = (kind: 'key' | 'scope', table: Table, name: string): string => {
    const clear = `${kind}\u0000${table}\u0000${name}`
    const known = names.get(clear)
    if (known !== undefined) return known
    const blinded = toHex(nameOf(utf8(clear)).subarray(0, 16))
    if (names.size > 4_096) names.clear()
    names.set(clear, blinded)
    return blinded
  }

  const seal = (table: Table, { key, scope, position, value }: Parameters<StoreWriter['put']>[1]): Uint8Array => {
    assertWholeNumbers(value)
    const nonce = random(NONCE)
    const content = encodeCbor([table, key, scope ?? null, position ?? null, value as CborValue])
    return concat(nonce, nacl.secretbox(content, nonce, sealKey))
  }

  const open = (table: Table, row: Row): WholeRow => {
    if (row.value.length < NONCE) throw corrupt('a row is too short')
    const plain = unseal(row.value.subarray(NONCE), row.value.subarray(0, NONCE), sealKey)
    if (plain === null) throw corrupt('a row does not open with this key')
    const content = decodeCbor(plain, 'stored row', { size: ROW_LIMIT, items: 4_000_000, deterministic: false })
    if (!Array.isArray(content) || content.length !== 5) throw corrupt('a row has another form')
    const [list, key, scope, position, value] = content as readonly unknown[]
    if (list !== table || typeof key !== 'string' || blind('key', table, key) !== row.key)
      throw corrupt('a row stands under the key of another one')
    const inList = typeof scope === 'string' ? blind('scope', table, scope) : undefined
    if (inList !== row.scope || (position ?? undefined) !== row.position)
      throw corrupt('a row stands in the place of another one')
    return {
      key,
      value,
      ...(typeof scope === 'string' ? { scope } : {}),
      ...(typeof position === 'number' ? { position } : {}),
    }
  }

  const reading = (tx: Reader): StoreReader => ({
    get: async <T>(table: Table, key: string) => {
      const row = await tx.get(table, blind('key', table, key))
      return row === undefined ? undefined : (open(table, row).value as T)
    },
    page: async <T>(table: Table, query: PageQuery) => {
      const rows = await tx.page(table, { ...query, scope: blind('scope', table, query.scope) })
      return rows.map((row): StoredRow<T> => {
        const { key, value } = open(table, row)
        return { key, value: value as T, ...(row.position === undefined ? {} : { position: row.position }) }
      })
    },
    scan: (table, query) => scanning(tx, table, query),
    count: (table) => counting(tx, table),
  })

  const scanning = async (tx: Reader, table: Table, query: Parameters<Reader['scan']>[1]) => {
    const rows = await tx.scan(table, query)
    const last = rows.at(-1)
    return {
      rows: rows.map((row) => open(table, row)),
      ...(last === undefined || rows.length < query.limit ? {} : { next: last.key }),
    }
  }

  const counting = async (tx: Reader, table: Table): Promise<number> => {
    let count = 0
    for (let after: string | undefined; ; ) {
      const rows = await tx.scan(table, { limit: SOME, ...(after === undefined ? {} : { after }) })
      count += rows.length
      after = rows.at(-1)?.key
      if (rows.length < SOME) return count
    }
  }

  const writing = (tx: Writer): StoreWriter => ({
    ...reading(tx),
    put: (table, row) => {
      const { key, scope, position } = row
      tx.put(table, {
        key: blind('key', table, key),
        value: seal(table, row),
        ...(scope === undefined ? {} : { scope: blind('scope', table, scope) }),
        ...(position === undefined ? {} : { position }),
      })
    },
    delete: (table, key) => tx.delete(table, blind('key', table, key)),
  })

  return {
    read: (work) => storage.read((tx) => work(reading(tx))),
    write: (work) => storage.write((tx) => work(writing(tx))),
    changes: (tables, options) => storage.changes(tables, options),
  }
}

/** A fraction would be written and then never read again: stored rows decode as strictly as what comes from strangers. */
const assertWholeNumbers = (value: unknown): void => {
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw new DchatError('usage/invalid-argument', { name: 'value', reason: 'numbers must be safe integers' })
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return
  for (const part of Object.values(value)) assertWholeNumbers(part)
}
