import { type MemoryBacking, memoryStorage } from '../../adapters/storage/memory.ts'
import type { Store, StoredRow } from '../../domain/store/store.ts'
import type { Reader, Row, Table } from '../../ports/storage.ts'
import { simulatedStore } from '../sim/store.ts'

const ALL = 1_000_000
const NONCE = 24

/** Reads a device's sealed rows beside the device, and opens only those that were written since the last time. */
export class FreshRows {
  readonly #store: Store
  /** By blinded name: the nonce under which the row was last seen. */
  readonly #nonces = new Map<string, string>()
  /** Clear keys by blinded name, for each list. */
  readonly #lists = new Map<string, Map<string, string>>()
  #present: string[] = []
  #fresh: string[] = []

  constructor(backing: MemoryBacking, storeKey: Uint8Array) {
    const { tables } = backing
    // A row that was seen is not even copied: most of them were.
    const rows: Reader = {
      get: async (table, key) => tables.get(table)?.get(key, (row) => this.#isFresh(table, row)),
      page: async (table, query) => tables.get(table)?.page(query, (row) => this.#isFresh(table, row)) ?? [],
      scan: async (table, query) => tables.get(table)?.scan(query) ?? [],
    }
    this.#store = simulatedStore(
      { ...memoryStorage(backing), read: (work) => work(rows) },
      storeKey,
      () => new Uint8Array(NONCE),
    )
  }

  /** The row, if it was written since the last time. */
  get<T>(table: Table, key: string): Promise<T | undefined> {
    return this.#store.read((tx) => tx.get<T>(table, key))
  }

  /** Rows of a list that were written since the last time, and the keys of those that are there no more. */
  async page<T>(
    table: Table,
    scope: string,
  ): Promise<{ readonly fresh: readonly StoredRow<T>[]; readonly gone: readonly string[]; readonly size: number }> {
    this.#present = []
    this.#fresh = []
    const fresh = await this.#store.read((tx) => tx.page<T>(table, { scope, limit: ALL }))
    const name = `${table}/${scope}`
    const list = this.#lists.get(name) ?? new Map<string, string>()
    this.#lists.set(name, list)
    fresh.forEach(({ key }, at) => {
      list.set(this.#fresh[at] as string, key)
    })
    const present = new Set(this.#present)
    const gone = [...list].filter(([blinded]) => !present.has(blinded))
    for (const [blinded] of gone) {
      list.delete(blinded)
      this.#nonces.delete(blinded)
    }
    return { fresh, gone: gone.map(([, key]) => key), size: present.size }
  }

  #isFresh(table: Table, row: Row): boolean {
    const name = `${table}/${row.key}`
    this.#present.push(name)
    const nonce = Buffer.from(row.value.buffer, row.value.byteOffset, NONCE).toString('latin1')
    if (this.#nonces.get(name) === nonce) return false
    this.#nonces.set(name, nonce)
    this.#fresh.push(name)
    return true
  }
}
