import { DchatError, isDchatError } from '../../errors.ts'

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

export const isUniqueViolation = (error: unknown): boolean => codeOf(error).startsWith('SQLITE_CONSTRAINT')

/** There is no room for the index of the log; SQLite calls this a fault of the disk. */
export const isIndexRefused = (error: unknown): boolean => codeOf(error) === 'SQLITE_IOERR_SHMSIZE'

/** Any failure of the file system or of SQLite as the table's code. The driver's text may quote values, so it stays in `cause`. */
export const storageError = (cause: unknown, store: string): DchatError => {
  if (isDchatError(cause)) return cause
  const code = codeOf(cause)
  const starts = (...prefixes: string[]) => prefixes.some((prefix) => code.startsWith(prefix))
  const options = { cause }
  if (starts('SQLITE_FULL', 'ENOSPC', 'EDQUOT') || isIndexRefused(cause))
    return new DchatError('storage/full', { store }, options)
  if (starts('SQLITE_CORRUPT', 'SQLITE_NOTADB'))
    return new DchatError('storage/corrupt', { store, reason: 'the database does not read' }, options)
  if (starts('SQLITE_BUSY', 'SQLITE_LOCKED'))
    return new DchatError('storage/in-use', { store, owner: 'another process' }, options)
  return new DchatError('storage/unavailable', { store, reason: reasonOf(code) }, options)
}

const REASONS: readonly (readonly [prefix: string, reason: string])[] = [
  ['EACCES', 'permission was refused'],
  ['EPERM', 'permission was refused'],
  ['SQLITE_PERM', 'permission was refused'],
  ['ENOENT', 'the folder does not exist'],
  ['ENOTDIR', 'part of its path is no folder'],
  ['EISDIR', 'it is a folder'],
  ['EROFS', 'the disk is read-only'],
  ['SQLITE_READONLY', 'it is read-only'],
  ['SQLITE_IOERR', 'the disk failed to read or write'],
]

const reasonOf = (code: string): string =>
  REASONS.find(([prefix]) => code.startsWith(prefix))?.[1] ?? 'it does not open'
