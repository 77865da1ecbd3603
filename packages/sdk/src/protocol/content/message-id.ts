import { DchatError } from '../../errors.ts'
import type { Address, MessageId } from '../../records/ids.ts'
import { concat, fromHex, toHex, uint16, utf8 } from '../../util/bytes.ts'
import { sha256 } from '../../util/hash.ts'

/** Bytes of a message id. */
export const MESSAGE_ID_LENGTH = 32

export const senderUriOf = (address: Address): string => `dchat:${address}`
/** By the MLS group id, never by relay or topic, so that a move keeps every message id (messages.md). */
export const roomUriOf = (groupId: Uint8Array): string => `dchat:room/${toHex(groupId)}`

const withLength = (name: string, text: string): Uint8Array => {
  const bytes = utf8(text)
  if (bytes.length > 0xffff)
    throw new DchatError('usage/invalid-argument', { name, reason: 'it is longer than 65535 bytes' })
  return concat(uint16(bytes.length), bytes)
}

/**
 * The MIMI message id (draft-ietf-mimi-content-08), 32 bytes: 0x01 and the first 31 bytes of SHA-256 over
 * the URIs with their lengths, the encoded content and its salt.
 */
export const messageIdOf = (message: {
  readonly senderUri: string
  readonly roomUri: string
  /** As encoded by the sender, byte for byte. */
  readonly content: Uint8Array
  readonly salt: Uint8Array
}): Uint8Array => {
  const { senderUri, roomUri, content, salt } = message
  const hash = sha256(concat(withLength('senderUri', senderUri), withLength('roomUri', roomUri), content, salt))
  return concat(new Uint8Array([1]), hash.subarray(0, MESSAGE_ID_LENGTH - 1))
}

/** A message id as records hold it: lower-case hex. */
export const messageIdText = (id: Uint8Array): MessageId => toHex(id) as MessageId

/** Throws `usage/invalid-argument`. */
export const messageIdBytes = (id: MessageId): Uint8Array => {
  const bytes = fromHex(id)
  if (bytes?.length !== MESSAGE_ID_LENGTH)
    throw new DchatError('usage/invalid-argument', {
      name: 'message id',
      reason: '64 lower-case hex digits are expected',
    })
  return bytes
}
