import { DchatError } from '../../errors.ts'
import type { TopicId } from '../../records/ids.ts'
import { fromHex, toHex } from '../../util/bytes.ts'
import { hashOf } from '../wire/cbor.ts'

/** Bytes of the random nonce that makes a topic id unique even for a reused key. */
export const TOPIC_NONCE_LENGTH = 16

/**
 * A topic's id, 32 bytes: the hash of its first topic key (Ed25519, 32 bytes) and a nonce. Whoever lacks the key cannot
 * open the topic on another relay (topic.md).
 */
export const topicIdOf = (firstTopicKey: Uint8Array, nonce: Uint8Array): Uint8Array =>
  hashOf('topic', [firstTopicKey, nonce])

/**
 * The nonce of the topic in which a conversation goes on at another hub: all members of an epoch find it there without
 * being told, and the hub takes one first commit for it (hubs.md).
 */
export const handoverNonce = (old: Uint8Array, hubKey: Uint8Array): Uint8Array =>
  hashOf('handover', [old, hubKey]).subarray(0, TOPIC_NONCE_LENGTH)

/** The id as it stands in records: 64 lower-case hex characters. */
export const topicIdToHex = (topic: Uint8Array): TopicId => toHex(topic) as TopicId

/** The 32 bytes of an id in hex. Throws `protocol/malformed`. */
export const topicIdFromHex = (text: string): Uint8Array => {
  const bytes = fromHex(text)
  if (bytes?.length !== 32)
    throw new DchatError('protocol/malformed', { format: 'topic id', reason: 'it is not 64 hex digits' })
  return bytes
}
