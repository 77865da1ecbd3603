import { DchatError, isDchatError } from '../../errors.ts'

/** Carries an error of the caller's own `certified` callback through the library unchanged. */
export class CallbackFailure extends Error {
  readonly reason: unknown
  constructor(reason: unknown) {
    super('a callback failed')
    this.reason = reason
  }
}

/** Runs library code: what it throws becomes one typed error; the caller's own errors pass untouched. */
export const guarded = async <T>(work: () => Promise<T>, otherwise: (cause: unknown) => DchatError): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    if (error instanceof CallbackFailure) throw error.reason
    if (isDchatError(error)) throw error
    throw otherwise(error)
  }
}

export const malformed = (format: string, reason: string, cause?: unknown): DchatError =>
  new DchatError('protocol/malformed', { format, reason }, { cause })

export const voided = (reason: string, cause?: unknown): DchatError =>
  new DchatError('conversation/void', { reason }, { cause })

export const undecryptable = (epoch: number, reason: string, cause?: unknown): DchatError =>
  new DchatError('crypto/cannot-decrypt', { epoch, reason }, { cause })

export const wrongArgument = (name: string, reason: string): DchatError =>
  new DchatError('usage/invalid-argument', { name, reason })

const REFUSALS = new Set(['ValidationError', 'CryptoVerificationError', 'UsageError'])

/** The library's refusals are void; everything else that it throws while it opens something is a failure to decrypt. */
export const refusedOrUndecryptable =
  (what: string, epoch: number) =>
  (cause: unknown): DchatError =>
    cause instanceof Error && REFUSALS.has(cause.name) && cause.message !== 'No matching secret found'
      ? voided(`the ${what} breaks a rule of MLS`, cause)
      : undecryptable(epoch, `the ${what} does not open`, cause)
