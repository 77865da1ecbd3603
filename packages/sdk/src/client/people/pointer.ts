import { DchatError } from '../../errors.ts'
import { decodeWelcomePointer } from '../../protocol/inbox/bodies.ts'
import { toHex } from '../../util/bytes.ts'

const POINTER_BYTES = 16 * 1024

/** Anybody may leave a pointer here. Throws `protocol/malformed` and `protocol/too-large`. */
export const checkPointer = (encoded: Uint8Array): void => {
  if (encoded.length > POINTER_BYTES)
    throw new DchatError('protocol/too-large', { what: 'welcome pointer', size: encoded.length, limit: POINTER_BYTES })
  decodeWelcomePointer(encoded)
}

/** The room that a pointer leads to. */
export const roomOf = (pointer: Uint8Array): string => toHex(decodeWelcomePointer(pointer).room)
