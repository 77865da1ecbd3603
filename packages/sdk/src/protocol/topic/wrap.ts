import { DchatError } from '../../errors.ts'
import type { Crypto } from '../../ports/crypto.ts'
import { concat } from '../../util/bytes.ts'
import { hkdfSha256 } from '../../util/hash.ts'
import { statement } from '../wire/cbor.ts'
import { ENTRY_KINDS, type EntryKind } from '../wire/methods.ts'
import { isWrappedLength, pad, unpad } from './padding.ts'

/** What the relay sees of an entry, bound to its ciphertext as additional data. */
export interface WrapContext {
  readonly topic: Uint8Array
  readonly kind: EntryKind
  readonly epoch: number
}

const RANDOM_LENGTH = 32
/** Each entry has a key of its own, so a fixed nonce never meets a key twice. */
const NONCE = new Uint8Array(12)

const entryKey = (wrapKey: Uint8Array, random: Uint8Array) => hkdfSha256(wrapKey, 'dchat/entry-key/v1', 32, random)

const additionalData = ({ topic, kind, epoch }: WrapContext) => statement('wrap', [topic, ENTRY_KINDS[kind], epoch])

/**
 * Encrypts an MLS message once more: 32 random bytes ‖ AES-256-GCM of the padded message (topic.md).
 * The length of the result is one of the padding classes. `random` stands in for the random bytes where they are a
 * commitment, which nobody can tell from them; it is never given twice. Rejects with `protocol/too-large`.
 */
export const wrapEntry = async (
  crypto: Pick<Crypto, 'random' | 'aead'>,
  wrapKey: Uint8Array,
  context: WrapContext,
  mlsMessage: Uint8Array,
  random: Uint8Array = crypto.random(RANDOM_LENGTH),
): Promise<Uint8Array> => {
  const padded = pad(mlsMessage)
  return concat(random, await crypto.aead.seal(entryKey(wrapKey, random), NONCE, padded, additionalData(context)))
}

/**
 * The MLS message inside. `crypto/cannot-decrypt` if it was sealed under another key, topic, kind or epoch,
 * `protocol/malformed` if it is not a wrapped entry. A caller still compares the inner message with the frame.
 */
export const unwrapEntry = async (
  crypto: Pick<Crypto, 'aead'>,
  wrapKey: Uint8Array,
  context: WrapContext,
  body: Uint8Array,
): Promise<Uint8Array> => {
  if (!isWrappedLength(body.length))
    throw new DchatError('protocol/malformed', {
      format: 'wrapped entry',
      reason: 'its length is not one of the classes',
    })
  const key = entryKey(wrapKey, body.subarray(0, RANDOM_LENGTH))
  let padded: Uint8Array
  try {
    padded = await crypto.aead.open(key, NONCE, body.subarray(RANDOM_LENGTH), additionalData(context))
  } catch (cause) {
    throw new DchatError(
      'crypto/cannot-decrypt',
      { epoch: context.epoch, reason: 'the wrap was sealed for another key, topic, kind or epoch' },
      { cause },
    )
  }
  return unpad(padded)
}
