import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DchatError, isDchatError } from '@dchat/sdk/errors'
import Database, { type Statement } from 'libsql'
import { migrate } from './schema.ts'

export type Row = Readonly<Record<string, unknown>>

/** Parameters go to the driver as one list: it takes a lone byte array for a set of named parameters. */
export interface Sql {
  get(sql: string, ...params: unknown[]): Row | undefined
  all(sql: string, ...params: unknown[]): Row[]
  /** Resolves to how many rows it changed. */
  run(sql: string, ...params: unknown[]): number
}

export interface QueueDatabase {
  /** Outside of `write`: sees what is committed. */
  read<T>(work: (sql: Sql) => T): Promise<T>
  /** Durable when it resolves. What is asked for at one time shares a transaction, and one flush to the disk. */
  write<T>(work: (sql: Sql) => T): Promise<T>
  close(): Promise<void>
}

const IN_USE_HINT = 'Stop the other program that works with this bot.'

const failure = (store: string, error: unknown): DchatError => {
  if (isDchatError(error)) return error
  const { code = '', message = '' } = error as { code?: string; message?: string }
  if (code.startsWith('SQLITE_FULL') || message.includes('ENOSPC'))
    return new DchatError('storage/full', { store }, { cause: error })
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
    return new DchatError('storage/in-use', { store, owner: 'another program' }, { cause: error, hint: IN_USE_HINT })
  if (code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_NOTADB'))
    return new DchatError('storage/corrupt', { store, reason: 'the database cannot be read' }, { cause: error })
  return new DchatError('storage/unavailable', { store, reason: code || 'the database failed' }, { cause: error })
}

/**
 * Only a file that is not there yet is opened here: to close one that is in use in this process would drop SQLite's locks
 * on it, and another program would take away what it has not seen.
 */
const createFile = (file: string): void => {
  try {
    closeSync(openSync(file, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

const open = (file: string): Database.Database => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  // What people wrote stands in here; SQLite gives its side files the mode of the database.
  createFile(file)
  chmodSync(file, 0o600)
  const db = new Database(file, { timeout: 5000 })
  try {
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON')
    migrate(db)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

const sqlOf = (db: Database.Database): Sql => {
  const prepared = new Map<string, Statement<unknown[]>>()
  const prepare = (sql: string): Statement<unknown[]> => {
    const statement = prepared.get(sql) ?? db.prepare(sql)
    prepared.set(sql, statement)
    return statement
  }
  return {
    get: (sql, ...params) => prepare(sql).get(params) as Row | undefined,
    all: (sql, ...params) => prepare(sql).all(params) as Row[],
    run: (sql, ...params) => Number(prepare(sql).run(params).changes),
  }
}

interface Job {
  work(): unknown
  resolve(value: never): void
  reject(error: unknown): void
}

/** Throws the errors of storage. */
export const openDatabase = (file: string): QueueDatabase => {
  let db: Database.Database
  try {
    db = open(file)
  } catch (error) {
    throw failure(file, error)
  }
  const sql = sqlOf(db)
  let jobs: Job[] = []
  let closed = false

  const alive = (): void => {
    if (closed) throw new DchatError('usage/closed', { what: 'queue' })
  }

  /** All jobs or none: one that fails is the disk's fault, or was refused before it changed anything. */
  const flush = (): void => {
    const batch = jobs
    jobs = []
    const ended: (() => void)[] = []
    try {
      db.exec('BEGIN IMMEDIATE')
      for (const { work, resolve, reject } of batch) {
        try {
          const value = work() as never
          ended.push(() => resolve(value))
        } catch (error) {
          if (!isDchatError(error)) throw error
          ended.push(() => reject(error))
        }
      }
      db.exec('COMMIT')
    } catch (error) {
      if (db.inTransaction) db.exec('ROLLBACK')
      const told = failure(file, error)
      for (const { reject } of batch) reject(told)
      return
    }
    for (const end of ended) end()
  }

  return {
    read: async (work) => {
      alive()
      try {
        return work(sql)
      } catch (error) {
        throw failure(file, error)
      }
    },
    write: async (work) => {
      alive()
      return new Promise((resolve, reject) => {
        jobs.push({ work: () => work(sql), resolve, reject })
        if (jobs.length === 1) setImmediate(flush)
      })
    },
    close: async () => {
      if (closed) return
      closed = true
      if (jobs.length > 0) flush()
      db.close()
    },
  }
}
