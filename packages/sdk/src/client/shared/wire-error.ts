import { DchatError, ERRORS, type ErrorCode, isDchatError } from '../../errors.ts'

/** An error as plain data: `Error` objects lose what they are on their way to another tab. */
export interface WireError {
  readonly code: string
  readonly details: Readonly<Record<string, unknown>>
  readonly hint: string
}

export const errorToWire = (error: unknown): WireError => {
  const typed = isDchatError(error) ? error : unexpected(error)
  return { code: typed.code, details: typed.details, hint: typed.hint }
}

/** A code or details that this version does not know become `internal/unexpected`. */
export const errorFromWire = ({ code, details, hint }: WireError): DchatError => {
  try {
    if (Object.hasOwn(ERRORS, code))
      return new DchatError(code as ErrorCode, details as never, typeof hint === 'string' ? { hint } : {})
  } catch {
    // The details do not belong to the code.
  }
  return new DchatError('internal/unexpected', { what: 'another tab failed with an error that is not known here' })
}

const unexpected = (error: unknown): DchatError =>
  new DchatError('internal/unexpected', { what: error instanceof Error ? error.message : 'something was thrown' })
