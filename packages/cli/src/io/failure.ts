import { DchatError, ERRORS, isDchatError } from '@dchat/sdk/errors'
import { isStopped } from './stop.ts'

const systemCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'it is a folder',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the path is too long',
  ENOENT: 'it does not exist',
  EIO: 'the disk reports a fault',
}

const pathOf = (error: unknown): string =>
  error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : 'this profile'

/** Every failure as one of the table. What the system says about files keeps its meaning; the rest is our own fault. */
export const toFailure = (error: unknown): DchatError => {
  if (isDchatError(error)) return error
  const code = systemCode(error)
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new DchatError('storage/full', { store: pathOf(error) }, { cause: error })
  const reason = code === undefined ? undefined : REASONS[code]
  if (reason !== undefined)
    return new DchatError('storage/unavailable', { store: pathOf(error), reason }, { cause: error })
  const what = error instanceof Error ? error.name : typeof error
  return new DchatError('internal/unexpected', { what }, { cause: error })
}

/** The one way from an error to an exit code: the table's, 130 and 143 for signals, 0 for a reader that went away, 1 for a printed no. */
export const exitCode = (error: unknown): number =>
  isStopped(error) ? error.exit : (ERRORS[toFailure(error).code]?.exit ?? 1)

export interface FailureView {
  readonly code: string
  readonly message: string
  readonly retryable: boolean
  readonly hint: string
}

export const failureView = (error: DchatError): FailureView => ({
  code: error.code,
  message: error.message,
  retryable: error.retryable,
  hint: error.hint,
})
