import type { ErrorCode, ErrorCodes } from '@dchat/sdk/errors'
import { DchatError, ERRORS } from '@dchat/sdk/errors'
import { toFailure } from '../io/failure.ts'
import type { RpcError } from './message.ts'
import { isRecord, RPC_CODES } from './message.ts'

export const errorToWire = (error: unknown): RpcError => {
  const { code, message, details, hint } = toFailure(error)
  return { code: RPC_CODES.failed, message, data: { code, details, hint } }
}

const isCode = (value: unknown): value is ErrorCode => typeof value === 'string' && Object.hasOwn(ERRORS, value)

/** The error as if it had been thrown here. What this version does not know becomes `internal/unexpected`. */
export const errorFromWire = (error: RpcError): DchatError => {
  const { data } = error
  try {
    if (isRecord(data) && isCode(data.code) && isRecord(data.details))
      return new DchatError(data.code, data.details as unknown as ErrorCodes[ErrorCode], {
        ...(typeof data.hint === 'string' ? { hint: data.hint } : {}),
      })
  } catch {
    // Details of another shape: a newer owner. Its sentence still says what happened.
  }
  return new DchatError('internal/unexpected', { what: error.message })
}
