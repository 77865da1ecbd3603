import type { Crypto } from '../../ports/crypto.ts'
import { hkdfSha256 } from '../../util/hash.ts'

/** Label of the MLS exporter (RFC 9420 8.5) that yields an epoch's topic seed: 32 bytes, empty context. */
export const EXPORTER_LABEL = 'dchat topic seed'

/** Bytes to ask of the exporter. */
export const TOPIC_SEED_LENGTH = 32

/** What the members of one epoch share about the topic. All of it is secret, 32 bytes each. */
export interface EpochKeys {
  /** Ed25519 seed of the topic key, by which a member shows the relay that it is one. */
  readonly topicSeed32: Uint8Array
  /** Parent of the per-entry keys that hide MLS from the relay. */
  readonly wrapKey: Uint8Array
  /** Key of the HMAC in the commit frame that leads into this epoch. */
  readonly bindKey: Uint8Array
  /** Key of signals: typing, presence, calls (topic.md). */
  readonly signalKey: Uint8Array
}

/** The keys of an epoch from its topic seed, by labelled HKDF. To be stored before the MLS state moves on. */
export const epochKeysOf = (topicSeed: Uint8Array): EpochKeys => ({
  topicSeed32: hkdfSha256(topicSeed, 'dchat/topic-key/v1', 32),
  wrapKey: hkdfSha256(topicSeed, 'dchat/wrap-key/v1', 32),
  bindKey: hkdfSha256(topicSeed, 'dchat/bind-key/v1', 32),
  signalKey: hkdfSha256(topicSeed, 'dchat/signal-key/v1', 32),
})

/** The public topic key of an epoch, 32 bytes: what the relay knows. */
export const topicKeyOf = (
  crypto: Pick<Crypto, 'ed25519'>,
  keys: Pick<EpochKeys, 'topicSeed32'>,
): Promise<Uint8Array> => crypto.ed25519.publicKey(keys.topicSeed32)
