import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, readSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DchatError } from '../../errors.ts'

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)

/** Makes the file, 0600 in folders of 0700, before SQLite does: its WAL and index take over the file's mode. */
export const createPrivately = (file: string): void => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  try {
    closeSync(openSync(file, 'wx', 0o600))
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return
    throw error
  }
  syncFolder(dirname(file))
}

/** A file that was copied here may be readable by others. */
export const restrict = (file: string): void => {
  if (process.platform !== 'win32' && (statSync(file).mode & 0o777) !== 0o600) chmodSync(file, 0o600)
}

/** A new file survives a power cut only once its folder is on the disk too. Windows has no such call. */
const syncFolder = (folder: string): void => {
  if (process.platform === 'win32') return
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

const MAGIC = 'SQLite format 3\0'
const USER_VERSION_AT = 60

/**
 * The schema version in the file's header, read without SQLite, which would write beside the file. 0 for a new file.
 * Throws `storage/corrupt` for something that is no database.
 */
export const schemaVersionOf = (file: string): number => {
  const header = Buffer.alloc(100)
  const handle = openSync(file, 'r')
  let length: number
  try {
    length = readSync(handle, header, 0, header.length, 0)
  } finally {
    closeSync(handle)
  }
  if (length === 0) return 0
  if (length < header.length || header.toString('latin1', 0, MAGIC.length) !== MAGIC)
    throw new DchatError('storage/corrupt', { store: file, reason: 'it is no database' })
  return header.readUInt32BE(USER_VERSION_AT)
}
