import type { Transaction } from 'dexie'
import { toHex } from '../../util/bytes.ts'
import { systemRandom } from '../../util/system-random.ts'
import type { DexieConnection } from './dexie-connection.ts'
import { dexieError, superseded, unavailable } from './dexie-errors.ts'
import { FENCE } from './dexie-schema.ts'

interface Owner {
  readonly name: 'owner'
  /** Random, so that a database that was deleted and made again is another one. */
  readonly token: string
  /** True once rows were written: from then on an empty database is a damaged one. */
  readonly filled: boolean
}

const ownerIn = (tx: Transaction): PromiseLike<Owner | undefined> => tx.table<Owner, string>(FENCE).get('owner')

/** True if rows were ever written to the database. */
export const wasFilled = async (tx: Transaction): Promise<boolean> => (await ownerIn(tx))?.filled === true

/**
 * Whoever claims the database last may use it. Everybody else finds out inside their next transaction, so an owner that
 * hung and wakes up never writes beside the new one, and never reads what it did not write.
 */
export class DexieFence {
  readonly #connection: DexieConnection
  readonly #token = toHex(systemRandom(16))
  #filled = false

  private constructor(connection: DexieConnection) {
    this.#connection = connection
  }

  static async claim(connection: DexieConnection): Promise<DexieFence> {
    const fence = new DexieFence(connection)
    try {
      const { tx, done } = await connection.begin('rw', [FENCE])
      fence.#filled = await wasFilled(tx)
      await fence.#put(tx, fence.#filled)
      await done
      return fence
    } catch (error) {
      throw dexieError(error, connection.name)
    }
  }

  /** Throws `storage/in-use`, or `storage/unavailable` for an empty database in its place; the connection is lost then. */
  async assert(tx: Transaction): Promise<void> {
    const owner = await ownerIn(tx)
    if (owner?.token === this.#token) return
    const { name } = this.#connection
    throw this.#connection.lose(owner ? superseded(name) : unavailable(name, 'the browser deleted it'))
  }

  /** Belongs into the transaction that writes rows. */
  async fill(tx: Transaction): Promise<void> {
    if (this.#filled) return
    await this.#put(tx, true)
    tx.on('complete', () => {
      this.#filled = true
    })
  }

  #put(tx: Transaction, filled: boolean): PromiseLike<string> {
    return tx.table<Owner, string>(FENCE).put({ name: 'owner', token: this.#token, filled })
  }
}
