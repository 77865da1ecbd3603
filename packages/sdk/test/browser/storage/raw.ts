/** What happens to a database behind the product's back, by IndexedDB itself; typed without the DOM, as everything is. */
interface Request<T> {
  readonly result: T
  readonly error: unknown
  onsuccess: (() => void) | null
  onerror: (() => void) | null
}

interface OpenRequest extends Request<Database> {
  onupgradeneeded: (() => void) | null
}

export interface ObjectStore {
  put(value: object): Request<unknown>
  clear(): Request<undefined>
  getAll(): Request<readonly Readonly<Record<string, unknown>>[]>
}

interface RawTransaction {
  readonly error: unknown
  objectStore(name: string): ObjectStore
  oncomplete: (() => void) | null
  onabort: (() => void) | null
}

export interface Database {
  readonly version: number
  readonly objectStoreNames: Iterable<string>
  transaction(stores: readonly string[], mode: 'readonly' | 'readwrite'): RawTransaction
  createObjectStore(name: string, options: { keyPath: string }): ObjectStore
  close(): void
}

interface Page {
  readonly indexedDB: {
    open(name: string, version?: number): OpenRequest
    deleteDatabase(name: string): Request<undefined>
    databases(): Promise<readonly { name: string }[]>
  }
  readonly localStorage: { removeItem(key: string): void }
}

export const { indexedDB, localStorage } = globalThis as unknown as Page

const done = <T>(request: Request<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

/** Opens, or makes, a database of this version; `upgrade` runs when it is not there yet. */
export const connect = (name: string, version?: number, upgrade?: (db: Database) => void): Promise<Database> => {
  const request = indexedDB.open(name, version)
  request.onupgradeneeded = () => upgrade?.(request.result)
  return done(request)
}

/** As the browser does: every connection that is open loses it. */
export const destroy = async (name: string): Promise<void> => {
  await done(indexedDB.deleteDatabase(name))
}

export const edit = async (
  name: string,
  stores: readonly string[],
  change: (store: ObjectStore) => void,
): Promise<void> => {
  const db = await connect(name)
  const tx = db.transaction([...stores], 'readwrite')
  const end = new Promise<void>((resolve, reject) => {
    tx.oncomplete = () => resolve()
    tx.onabort = () => reject(tx.error)
  })
  for (const store of stores) change(tx.objectStore(store))
  await end
  db.close()
}

/** The version that stands in the browser, and every object of every store. */
export const contentOf = async (name: string) => {
  const db = await connect(name)
  const stores = [...db.objectStoreNames]
  const tx = db.transaction(stores, 'readonly')
  const rows = await Promise.all(stores.map((store) => done(tx.objectStore(store).getAll())))
  db.close()
  return { version: db.version, rows: new Map(stores.map((store, index) => [store, rows[index] ?? []])) }
}
