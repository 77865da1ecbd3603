import { Dexie, type Transaction } from 'dexie'
import { DchatError } from '../../errors.ts'
import { dexieError, unavailable } from './dexie-errors.ts'
import { factoryOf, schemaVersionOf } from './dexie-probe.ts'
import type { SchemaStep } from './dexie-schema.ts'

const PATIENCE = 20_000

/** ms before each look for a database that the browser has closed. */
const RECOVERY = [50, 500, 5_000]

export interface ConnectionOptions {
  /** The layouts to know, one a version. */
  readonly schema: readonly SchemaStep[]
  /** Makes the database where there is none. */
  readonly create: boolean
  /** ms that an opening may wait for the browser or for another tab; default 20,000. */
  readonly patience?: number | undefined
}

/** A transaction of IndexedDB: it ends as soon as nothing is asked of it. */
export interface Started {
  readonly tx: Transaction
  /** Settles with the transaction; durable then. */
  readonly done: Promise<void>
}

/**
 * One connection to a database. The browser may close it at any time (a page that goes to sleep, cleared site data):
 * then it is opened again when it is next needed, as long as the database is still the same one.
 */
export class DexieConnection {
  readonly name: string
  readonly #db: Dexie
  readonly #schema: readonly SchemaStep[]
  readonly #patience: number
  readonly #lost = new AbortController()
  #opening: Promise<void> | undefined
  #closed = false

  private constructor(name: string, { schema, patience = PATIENCE }: ConnectionOptions) {
    this.name = name
    this.#schema = schema
    this.#patience = patience
    // What Dexie does for live queries costs time at every commit and is not used. It must never open by itself.
    this.#db = new Dexie(name, { autoOpen: false, chromeTransactionDurability: 'strict' })
    this.#db.unuse({ stack: 'dbcore', name: 'Observability' }).unuse({ stack: 'dbcore', name: 'Cache' })
    for (const [index, { stores, upgrade }] of schema.entries()) {
      const version = this.#db.version(index + 1).stores({ ...stores })
      if (upgrade) version.upgrade(upgrade)
    }
    this.#db.on('versionchange', ({ newVersion }: { newVersion: number | null }) => {
      this.lose(unavailable(name, newVersion ? 'a newer version of this program opened it' : 'it was deleted'))
      return false
    })
    this.#db.on('blocked', () => false)
  }

  /** Undefined if there is no such database and it is not to be made. */
  static async open(name: string, options: ConnectionOptions): Promise<DexieConnection | undefined> {
    try {
      const version = await patiently(name, options.patience, schemaVersionOf(name, options.schema))
      if (version === 0 && !options.create) return undefined
      const connection = new DexieConnection(name, options)
      await connection.#connect()
      return connection
    } catch (error) {
      throw dexieError(error, name)
    }
  }

  /** Deletes the database; whoever has it open loses it. */
  static async delete(name: string, patience?: number): Promise<void> {
    factoryOf(name)
    const db = new Dexie(name)
    db.on('blocked', () => false)
    try {
      await patiently(name, patience, db.delete())
    } catch (error) {
      throw dexieError(error, name)
    }
  }

  /** Aborted, with the error that everything rejects with from then on, when the database can be used no longer. */
  get lost(): AbortSignal {
    return this.#lost.signal
  }

  /** The connection is of no use any more; returns why. */
  lose(reason: DchatError): DchatError {
    if (this.#closed) return reason
    this.#lost.abort(reason)
    this.#db.close()
    return reason
  }

  /** Throws `storage/unavailable` where the database is gone, and what made `lost` abort. */
  async begin(mode: 'r' | 'rw', stores: readonly string[]): Promise<Started> {
    this.#assertUsable()
    if (!this.#db.isOpen()) await this.#reopen()
    this.#assertUsable()
    return new Promise((resolve, reject) => {
      const over: PromiseLike<void> = this.#db.transaction(mode, [...stores], (tx) => resolve({ tx, done }))
      const done = Promise.resolve(over)
      // Whoever waits for the end hears of it; a reader does not.
      done.catch(reject)
    })
  }

  close(): void {
    this.#closed = true
    this.#db.close()
  }

  #assertUsable(): void {
    if (this.#lost.signal.aborted) throw this.#lost.signal.reason
    if (this.#closed) throw new DchatError('usage/closed', { what: 'store' })
  }

  async #connect(): Promise<void> {
    try {
      await patiently(this.name, this.#patience, this.#db.open())
    } catch (error) {
      this.#db.close()
      throw error
    }
    // Only when the browser breaks it off: Dexie's own event also tells of pages that go to sleep.
    this.#db.backendDB().addEventListener('close', () => void this.#recover())
  }

  /** Nobody may ask for anything soon, and yet the loss of the store must be told. */
  async #recover(): Promise<void> {
    let failure: unknown
    // While the browser deletes, it refuses.
    for (const pause of RECOVERY) {
      await new Promise((resolve) => setTimeout(resolve, pause))
      if (this.#closed || this.#lost.signal.aborted || this.#db.isOpen()) return
      try {
        return await this.#reopen()
      } catch (error) {
        failure = error
      }
    }
    this.lose(dexieError(failure, this.name))
  }

  #reopen(): Promise<void> {
    this.#opening ??= this.#openAgain().finally(() => {
      this.#opening = undefined
    })
    return this.#opening
  }

  async #openAgain(): Promise<void> {
    let version: number
    try {
      version = await patiently(this.name, this.#patience, schemaVersionOf(this.name, this.#schema))
      this.#assertUsable()
      if (version === this.#schema.length) await this.#connect()
    } catch (error) {
      throw dexieError(error, this.name)
    }
    if (this.#closed) this.#db.close()
    if (version === this.#schema.length) return
    throw this.lose(unavailable(this.name, 'the browser deleted it'))
  }
}

/** The browser says nothing while another tab keeps the database from being opened, and sometimes without a reason. */
const patiently = async <T>(store: string, patience = PATIENCE, work: PromiseLike<T>): Promise<T> => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    const reason = 'the browser did not open it; another tab of this site may hold it'
    timer = setTimeout(() => reject(unavailable(store, reason)), patience)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
