import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DchatError } from '@dchat/sdk/wire'
import Database from 'libsql'
import { foundSchema } from './migrations.ts'
import { COPIED, corrupt, DATABASE_FILE, failure, lockDirectory } from './sqlite-open.ts'

/** What a copy holds. */
export interface CopyReport {
  readonly bytes: number
  readonly schema: number
  readonly topics: number
  readonly entries: number
  readonly identities: number
}

const invalid = (name: string, reason: string) => new DchatError('usage/invalid-argument', { name, reason })

/**
 * Writes the database of a data directory into a file, as of one moment, while a relay works on it or not, and reads the
 * copy through. The file is whole or not there. Throws `usage/invalid-argument`, `storage/full`, `storage/corrupt`, …
 */
export const backupDatabase = (directory: string, file: string): CopyReport => {
  const source = join(directory, DATABASE_FILE)
  if (!existsSync(source)) throw invalid('data', 'there is no database in this directory')
  if (existsSync(file)) throw invalid('file', 'it exists already')
  return attempt(directory, () => copyInto(source, file))
}

/**
 * Makes a backup, or a copied data directory, the database of a directory that no relay works on. What stood there is
 * refused, or with `replace` set aside under another name. Throws like `backupDatabase`, and `storage/in-use`.
 */
export const restoreDatabase = (from: string, directory: string, replace: boolean): CopyReport => {
  const source = existsSync(from) && statSync(from).isDirectory() ? join(from, DATABASE_FILE) : from
  if (!existsSync(source)) throw invalid('from', 'there is no such backup')
  return attempt(directory, () => {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const unlock = lockDirectory(directory)
    try {
      const target = join(directory, DATABASE_FILE)
      if (existsSync(target) && !replace) throw invalid('data', 'it holds a database; --replace sets that one aside')
      const fresh = `${target}.restoring`
      for (const left of [fresh, `${fresh}-wal`, `${fresh}-shm`]) rmSync(left, { force: true })
      const report = copyInto(source, fresh)
      markCopied(fresh)
      if (existsSync(target)) setAside(target)
      renameSync(fresh, target)
      return report
    } finally {
      unlock()
    }
  })
}

const attempt = <T>(store: string, work: () => T): T => {
  try {
    return work()
  } catch (error) {
    throw failure(store, error)
  }
}

/** An older database does not say which file it is, so that it is a copy has to stand in it. */
const markCopied = (file: string): void => {
  const db = new Database(file, { timeout: 0 })
  try {
    db.pragma(`application_id = ${COPIED}`)
  } finally {
    db.close()
  }
}

/** With its side files, whose content belongs to it. */
const setAside = (target: string): void => {
  const stamp = new Date().toISOString().replace(/[:.]/g, '-')
  for (const suffix of ['', '-wal', '-shm'])
    if (existsSync(`${target}${suffix}`)) renameSync(`${target}${suffix}`, `${target}.${stamp}${suffix}`)
}

/** `VACUUM INTO` reads one moment of the source and hinders no writer; the file gets its name when it was found whole. */
const copyInto = (source: string, file: string): CopyReport => {
  mkdirSync(dirname(file), { recursive: true })
  const part = `${file}.part`
  rmSync(part, { force: true })
  try {
    const db = new Database(source, { timeout: 5_000 })
    try {
      foundSchema(db)
      db.prepare('VACUUM INTO ?').run([part])
    } finally {
      db.close()
    }
    // The relay's signing key lies in it.
    chmodSync(part, 0o600)
    const report = verifyCopy(part)
    renameSync(part, file)
    return report
  } finally {
    rmSync(part, { force: true })
  }
}

const verifyCopy = (file: string): CopyReport => {
  const db = new Database(file, { timeout: 0, readonly: true } as Database.Options)
  try {
    const schema = foundSchema(db)
    const [row] = db.pragma('integrity_check(1)') as { integrity_check: string }[]
    if (row?.integrity_check !== 'ok') throw corrupt(file, 'the copy does not pass the check')
    const count = (table: string) => (db.prepare(`SELECT count(*) AS n FROM ${table}`).get([]) as { n: number }).n
    const key = db.prepare("SELECT 1 AS held FROM secrets WHERE name = 'relay-key'").get([])
    if (schema === 0 || key === undefined) throw corrupt(file, 'it is not the database of a relay')
    return {
      bytes: statSync(file).size,
      schema,
      topics: count('topics'),
      entries: count('entries'),
      identities: count('identities'),
    }
  } finally {
    db.close()
  }
}
