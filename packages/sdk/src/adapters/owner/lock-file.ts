import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'libsql'
import { DchatError } from '../../errors.ts'

/** The right to write into a folder, held by one process at a time. */
export interface Owner {
  readonly description: string
  /** Idempotent. The operating system does the same when the process dies, however it dies. */
  release(): void
}

const LOCK = 'owner.lock'
const NOTE = 'owner.json'

/**
 * Takes the folder, or throws `storage/in-use` with the description of who has it.
 *
 * The lock is an exclusive transaction on a small SQLite database that is never written. Node offers no lock of its
 * own; SQLite brings one for every platform, and the system drops it with the process, so that nothing stale can stay
 * behind and no process id needs to be guessed about. The note beside it is for people only. It is a file of its own,
 * because closing a second handle of the locked file would drop the lock (POSIX).
 */
export const acquireOwner = (dir: string, description: string): Owner => {
  const db = openLock(dir)
  try {
    // A journal file would need room, and a store must open for reading on a full disk too.
    db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (cause) {
    db.close()
    if (!codeOf(cause).startsWith('SQLITE_BUSY')) throw failure(dir, cause)
    throw new DchatError('storage/in-use', { store: dir, owner: readNote(dir) }, { cause })
  }
  const release = () => {
    if (!db.open) return
    // Ending the transaction is what frees the lock: closing may leave the handle to the garbage collector.
    db.exec('ROLLBACK')
    db.close()
  }
  writeNote(dir, description)
  return { description, release }
}

const openLock = (dir: string): Database.Database => {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    createLock(join(dir, LOCK))
    return new Database(join(dir, LOCK))
  } catch (cause) {
    throw failure(dir, cause)
  }
}

/** Exclusively, so that a file that is there is not opened and closed again. */
const createLock = (file: string): void => {
  try {
    writeFileSync(file, '', { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
}

/** On a full disk there may be no room for a note; the store must open all the same, with nobody else's name beside it. */
const writeNote = (dir: string, description: string): void => {
  const note = { owner: description, pid: process.pid, since: new Date().toISOString() }
  const part = join(dir, `${NOTE}.new`)
  try {
    writeFileSync(part, `${JSON.stringify(note)}\n`, { mode: 0o600 })
    renameSync(part, join(dir, NOTE))
  } catch {
    for (const file of [part, join(dir, NOTE)]) rmSync(file, { force: true, recursive: true })
  }
}

const readNote = (dir: string): string => {
  try {
    const note: unknown = JSON.parse(readFileSync(join(dir, NOTE), 'utf8'))
    if (typeof note === 'object' && note !== null && 'owner' in note && 'pid' in note)
      return `${String(note.owner).slice(0, 100)} (process ${Number(note.pid)})`
  } catch {
    // The owner is about to write it, or it was deleted: the lock counts, not the note.
  }
  return 'another process'
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '')

const FULL = ['SQLITE_FULL', 'ENOSPC', 'EDQUOT']

const failure = (dir: string, cause: unknown): DchatError =>
  FULL.includes(codeOf(cause))
    ? new DchatError('storage/full', { store: dir }, { cause })
    : new DchatError('storage/unavailable', { store: dir, reason: 'its lock cannot be taken' }, { cause })
