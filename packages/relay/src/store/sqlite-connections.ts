import type { Database } from 'libsql'
import Promised from 'libsql/promise'
import { type Reads, type Row, type Sql, sqlOf } from './rows.ts'

/** The three connections of one database file: libsql lets each be used by one thread at a time. */
export interface Handles {
  readonly writer: Database
  readonly reader: Database
  readonly checkpointer: Database
}

/** Statements that change rows, between two checkpoints: some 40 MiB of the write-ahead log. */
const STATEMENTS_PER_CHECKPOINT = 4_000

/** The driver's other face has the same handle inside, and runs a statement on a thread of its own. */
const elsewhere = (db: Database, sql: string): Promise<void> => Promised.prototype.exec.call(db, sql)

/** Writes of a small transaction, and ms of a quick flush: to change threads takes longer than such a flush. */
const SMALL = 8
const QUICK = 1

const CHECKPOINT = 'PRAGMA wal_checkpoint(PASSIVE)'

/**
 * Transactions one after the other, and reads at any time. What takes long, the flush of a larger commit and the
 * checkpoint, is done by other threads, so the relay goes on meanwhile. While a transaction is under way reads see what was there before
 * it, from the second connection: nobody is told of what is not on the disk yet.
 */
export class Connections {
  readonly #handles: Handles
  readonly #writing: Sql
  readonly #readingBeside: Sql
  readonly #onRollback: () => void
  readonly #checkpointEvery: number
  #tail: Promise<unknown> = Promise.resolve()
  #inTransaction = false
  #statements = 0
  /** ms that the last flush took. */
  #flush = 0
  #checkpoint: Promise<void> | undefined

  constructor(handles: Handles, onRollback: () => void, checkpointEvery = STATEMENTS_PER_CHECKPOINT) {
    this.#handles = handles
    this.#checkpointEvery = checkpointEvery
    const { get, all, run } = sqlOf(handles.writer)
    this.#writing = {
      get,
      all,
      run: (sql, ...params) => {
        this.#statements++
        return run(sql, ...params)
      },
    }
    this.#readingBeside = sqlOf(handles.reader)
    this.#onRollback = onRollback
  }

  /** For what is read and written inside of a transaction. */
  get writing(): Sql {
    return this.#writing
  }

  /** For reads; inside of `snapshot` they see one moment. */
  readonly reading: Reads = {
    get: (sql, ...params): Row | undefined => this.#current.get(sql, ...params),
    all: (sql, ...params): Row[] => this.#current.all(sql, ...params),
  }

  get #current(): Sql {
    return this.#inTransaction ? this.#readingBeside : this.#writing
  }

  /** Calls `work`; everything that it reads before it first waits is of one moment. */
  snapshot<T>(work: () => T): T {
    if (!this.#inTransaction) return work()
    const { reader } = this.#handles
    reader.exec('BEGIN')
    try {
      return work()
    } finally {
      reader.exec('COMMIT')
    }
  }

  /** All of `work`, so many writes, or nothing. Resolves when it is on the disk; `done` is called in the same moment. */
  transaction<T>(writes: number, work: () => T, done: () => void): Promise<T> {
    return this.#inOrder(async () => {
      const { writer } = this.#handles
      writer.exec('BEGIN IMMEDIATE')
      this.#inTransaction = true
      try {
        const result = work()
        const began = performance.now()
        if (writes <= SMALL && this.#flush <= QUICK) writer.exec('COMMIT')
        else await elsewhere(writer, 'COMMIT')
        this.#flush = performance.now() - began
        done()
        return result
      } catch (error) {
        this.#onRollback()
        // At a full disk SQLite has rolled back by itself.
        if (writer.inTransaction) writer.exec('ROLLBACK')
        throw error
      } finally {
        this.#inTransaction = false
        if (this.#statements >= this.#checkpointEvery) this.#checkpoint ??= this.#startCheckpoint()
      }
    })
  }

  /** Resolves when nothing is under way on any thread. */
  async idle(): Promise<void> {
    await this.#tail
    await this.#checkpoint
  }

  #inOrder<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(task)
    this.#tail = result.catch(() => undefined)
    return result
  }

  /**
   * Brings the write-ahead log into the database: nearly all of it beside the writes that go on, the rest between two of
   * them, so that the log can begin again at its start. If it fails (a full disk), commits will tell.
   */
  async #startCheckpoint(): Promise<void> {
    this.#statements = 0
    const { checkpointer } = this.#handles
    try {
      await elsewhere(checkpointer, CHECKPOINT)
      await this.#inOrder(() => elsewhere(checkpointer, CHECKPOINT))
    } catch {
      // The log grows on until the next one, or until SQLite makes one of its own.
    } finally {
      this.#checkpoint = undefined
    }
  }
}
