import { DchatError } from '../../errors.ts'
import type { Crypto } from '../../ports/crypto.ts'
import { concat } from '../../util/bytes.ts'
import { hkdfSha256 } from '../../util/hash.ts'
import { statement } from '../wire/cbor.ts'
import {
  decodeSignal,
  encodeSignal,
  padSignal,
  SIGNAL_BYTES,
  SIGNAL_PAYLOAD_LIMIT,
  type Signal,
  type SignalContext,
  signalStatement,
  unpadSignal,
} from './signal.ts'

const RANDOM_LENGTH = 32
const TAG_LENGTH = 16
/** Each signal has a key of its own, so a fixed nonce never meets a key twice. */
const NONCE = new Uint8Array(12)

const keyOf = (signalKey: Uint8Array, random: Uint8Array) =>
  hkdfSha256(signalKey, 'dchat/one-signal-key/v1', 32, random)

const additionalData = ({ topic, epoch }: SignalContext) => statement('signal-seal', [topic, epoch])

const signedBytes = (context: SignalContext, signal: Signal) => statement('signal', signalStatement(context, signal))

/**
 * Signs with the device key and encrypts under the epoch's signal key: 32 random bytes ‖ AES-256-GCM, `SIGNAL_BYTES` in
 * all. Rejects with `protocol/too-large` for a payload beyond `SIGNAL_PAYLOAD_LIMIT`.
 */
export const sealSignal = async (
  crypto: Pick<Crypto, 'random' | 'aead' | 'ed25519'>,
  signalKey: Uint8Array,
  context: SignalContext,
  deviceSeed: Uint8Array,
  signal: Signal,
): Promise<Uint8Array> => {
  const { length } = signal.payload
  if (length > SIGNAL_PAYLOAD_LIMIT)
    throw new DchatError('protocol/too-large', { what: 'signal', size: length, limit: SIGNAL_PAYLOAD_LIMIT })
  const signature = await crypto.ed25519.sign(deviceSeed, signedBytes(context, signal))
  const padded = padSignal(encodeSignal(signal, signature), SIGNAL_BYTES - RANDOM_LENGTH - TAG_LENGTH)
  const random = crypto.random(RANDOM_LENGTH)
  return concat(random, await crypto.aead.seal(keyOf(signalKey, random), NONCE, padded, additionalData(context)))
}

/**
 * The signal inside, signed by the key that it names: whether that is a member's, and whether it is fresh, is for the
 * caller to judge. `crypto/cannot-decrypt` for another key, topic or epoch, `crypto/bad-signature`, `protocol/malformed`.
 */
export const openSignal = async (
  crypto: Pick<Crypto, 'aead' | 'ed25519'>,
  signalKey: Uint8Array,
  context: SignalContext,
  body: Uint8Array,
): Promise<Signal> => {
  if (body.length !== SIGNAL_BYTES)
    throw new DchatError('protocol/malformed', { format: 'signal', reason: `it has not ${SIGNAL_BYTES} bytes` })
  const key = keyOf(signalKey, body.subarray(0, RANDOM_LENGTH))
  let padded: Uint8Array
  try {
    padded = await crypto.aead.open(key, NONCE, body.subarray(RANDOM_LENGTH), additionalData(context))
  } catch (cause) {
    const reason = 'the signal was sealed for another key, topic or epoch'
    throw new DchatError('crypto/cannot-decrypt', { epoch: context.epoch, reason }, { cause })
  }
  const { signal, signature } = decodeSignal(unpadSignal(padded))
  if (!(await crypto.ed25519.verify(signal.deviceKey, signedBytes(context, signal), signature)))
    throw new DchatError('crypto/bad-signature', { what: 'signal' })
  return signal
}
