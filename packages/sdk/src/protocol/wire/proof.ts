import { statement } from './cbor.ts'

/** Bytes of the nonce of a hello and of the challenge of a welcome. */
export const CHALLENGE_LENGTH = 32

/**
 * What the relay key signs in a welcome: it was present when this client's nonce arrived. The challenge is fresh for
 * each connection, and every proof of the connection is made over it.
 */
export const welcomeBytes = (nonce: Uint8Array, challenge: Uint8Array): Uint8Array =>
  statement('welcome', [nonce, challenge])

/**
 * What a topic or device key signs to show that it is there. It names the relay, so a relay cannot pass it on to
 * another one, and the connection's challenge, so it cannot be used twice. For a device the subject is the key itself.
 */
export const linkProofBytes = (
  relayKey: Uint8Array,
  challenge: Uint8Array,
  kind: 'topic' | 'device',
  subject: Uint8Array,
): Uint8Array => statement('link-proof', [relayKey, challenge, kind, subject])
