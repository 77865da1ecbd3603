import { DchatError } from '../../errors.ts'
import { unavailable } from './dexie-errors.ts'
import { type SchemaStep, storesAfter } from './dexie-schema.ts'

/** The little of IndexedDB that Dexie is not asked for. */
interface Request {
  readonly result: Found & { close(): void }
  readonly error: unknown
  readonly transaction: { abort(): void } | null
  onsuccess: (() => void) | null
  onerror: ((event: { preventDefault(): void }) => void) | null
  onupgradeneeded: (() => void) | null
}

export interface Factory {
  open(name: string): Request
}

interface Found {
  readonly version: number
  readonly objectStoreNames: ArrayLike<string>
}

/** Dexie keeps ten times the version that it is told. */
const SCALE = 10

/** The browser's IndexedDB. Throws `storage/unavailable` where there is none; where it is forbidden, even asking may throw. */
export const factoryOf = (store: string): Factory => {
  let factory: Factory | undefined
  try {
    factory = (globalThis as { indexedDB?: Factory }).indexedDB
  } catch (cause) {
    throw unavailable(store, 'the browser does not let this page store anything', cause)
  }
  if (factory) return factory
  throw unavailable(store, 'this browser has no IndexedDB, or hides it in private windows')
}

/** What is there, without making anything: undefined if there is no such database. */
const look = (factory: Factory, name: string): Promise<Found | undefined> =>
  new Promise((resolve, reject) => {
    const request = factory.open(name)
    let absent = false
    request.onupgradeneeded = () => {
      absent = true
      request.transaction?.abort()
    }
    request.onsuccess = () => {
      const { version, objectStoreNames } = request.result
      request.result.close()
      resolve({ version, objectStoreNames: Array.from(objectStoreNames) })
    }
    request.onerror = (event) => {
      event.preventDefault()
      if (absent) resolve(undefined)
      else reject(request.error)
    }
  })

/**
 * The schema version of a database, 0 where there is none. Dexie itself would take one of a newer version for its own
 * and add what it misses, so this is asked first. Throws `storage/newer-schema` and `storage/corrupt`; changes nothing.
 */
export const schemaVersionOf = async (name: string, steps: readonly SchemaStep[]): Promise<number> => {
  const found = await look(factoryOf(name), name)
  if (found === undefined) return 0
  const version = found.version / SCALE
  if (version > steps.length)
    throw new DchatError('storage/newer-schema', { found: Math.ceil(version), supported: steps.length })
  const has = new Set(Array.from(found.objectStoreNames))
  const stores = storesAfter(steps.slice(0, version))
  if (!Number.isInteger(version) || has.size !== stores.length || stores.some((store) => !has.has(store)))
    throw new DchatError('storage/corrupt', { store: name, reason: 'the database has another form' })
  return version
}
