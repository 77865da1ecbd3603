import { DchatError, isDchatError } from '../../errors.ts'

/** The error and everything that it was made from: Dexie wraps what IndexedDB throws, sometimes twice. */
const chain = (error: unknown): readonly Readonly<Record<string, unknown>>[] => {
  const found: Readonly<Record<string, unknown>>[] = []
  const visit = (candidate: unknown) => {
    if (typeof candidate !== 'object' || candidate === null || found.length > 16) return
    const fields = candidate as Readonly<Record<string, unknown>>
    if (found.includes(fields)) return
    found.push(fields)
    visit(fields.inner)
    if (Array.isArray(fields.failures)) visit(fields.failures[0])
    if (typeof fields.failuresByPos === 'object' && fields.failuresByPos !== null)
      visit(Object.values(fields.failuresByPos)[0])
  }
  visit(error)
  return found
}

/** The names of the DOMExceptions and Dexie errors in it. */
export const namesIn = (error: unknown): ReadonlySet<string> =>
  new Set(chain(error).flatMap(({ name }) => (typeof name === 'string' ? [name] : [])))

/** Two rows claim one place. */
export const isUniqueViolation = (error: unknown): boolean => namesIn(error).has('ConstraintError')

/** The transaction was over before it was asked: `work` waited for something else, or the connection broke. */
export const isOver = (error: unknown): boolean => {
  const names = namesIn(error)
  return OVER.some((name) => names.has(name))
}

const OVER = ['TransactionInactiveError', 'InvalidStateError', 'AbortError', 'DatabaseClosedError']

const REASONS: readonly (readonly [name: string, reason: string])[] = [
  ['MissingAPIError', 'this browser has no IndexedDB, or hides it in private windows'],
  ['SecurityError', 'the browser does not let this page store anything'],
  ['InvalidStateError', 'the browser does not let this page store anything, as in some private windows'],
  ['DatabaseClosedError', 'the browser closed the database'],
  ['AbortError', 'the browser ended the transaction'],
  ['UnknownError', 'the browser failed to read or write'],
  ['TimeoutError', 'the browser did not answer'],
  ['UpgradeError', 'it could not be brought to the newest version'],
]

/** Any failure of IndexedDB or Dexie as the table's code. The browser's text may quote values, so it stays in `cause`. */
export const dexieError = (cause: unknown, store: string): DchatError => {
  if (isDchatError(cause)) return cause
  const names = namesIn(cause)
  if (names.has('QuotaExceededError')) return new DchatError('storage/full', { store }, { cause, hint: FULL })
  const corrupt = (reason: string) => new DchatError('storage/corrupt', { store, reason }, { cause })
  if (names.has('NotReadableError') || names.has('DataError')) return corrupt('the database does not read')
  if (names.has('NotFoundError')) return corrupt('the database has another form')
  const reason = REASONS.find(([name]) => names.has(name))?.[1] ?? 'it does not open'
  return unavailable(store, reason, cause)
}

const FULL = 'Free some space on the disk, or give this site more room, and try again.'
const REACH = 'Allow this site to store data, or open it in an ordinary window, and load the page again.'

export const unavailable = (store: string, reason: string, cause?: unknown): DchatError =>
  new DchatError('storage/unavailable', { store, reason }, { cause, hint: REACH })

/** Somebody opened the store after this one, so this one may not write any more. */
export const superseded = (store: string): DchatError =>
  new DchatError(
    'storage/in-use',
    { store, owner: 'another tab or worker of this site' },
    { hint: 'Go on in the other tab, or close it and load this page again.' },
  )
