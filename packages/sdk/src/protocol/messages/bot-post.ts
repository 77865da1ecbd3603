import { DchatError } from '../../errors.ts'
import type { Crypto } from '../../ports/crypto.ts'
import type { Address } from '../../records/ids.ts'
import { decodeCbor, encodeCbor, statement } from '../wire/cbor.ts'
import { addressOf } from './snapshot.ts'

/**
 * What a restricted bot says in its channel, signed so that any member can carry it into the conversation (bots.md). Wire:
 * CBOR array [address, device key, content, signature].
 */
export interface BotPost {
  readonly address: Address
  readonly deviceKey: Uint8Array
  /** MIMI content. */
  readonly content: Uint8Array
  readonly signature: Uint8Array
}

const malformed = (reason: string) => new DchatError('protocol/malformed', { format: 'bot post', reason })

const statementOf = (channel: Uint8Array, { address, content }: Pick<BotPost, 'address' | 'content'>): Uint8Array =>
  statement('bot-post', [channel, address, content])

/** `channel`: the id of the channel's group. */
export const signPost = async (
  crypto: Pick<Crypto, 'ed25519'>,
  device: { readonly seed: Uint8Array; readonly deviceKey: Uint8Array },
  channel: Uint8Array,
  said: Pick<BotPost, 'address' | 'content'>,
): Promise<Uint8Array> => {
  const signature = await crypto.ed25519.sign(device.seed, statementOf(channel, said))
  return encodeCbor([said.address, device.deviceKey, said.content, signature])
}

/** Throws `protocol/malformed` and the errors of addresses only. */
export const decodePost = (bytes: Uint8Array): BotPost => {
  const value = decodeCbor(bytes, 'bot post', { items: 8 })
  if (!Array.isArray(value) || value.length !== 4) throw malformed('shape')
  const [address, deviceKey, content, signature] = value as unknown[]
  if (!(deviceKey instanceof Uint8Array) || deviceKey.length !== 32) throw malformed('device key')
  if (!(content instanceof Uint8Array)) throw malformed('content')
  if (!(signature instanceof Uint8Array) || signature.length !== 64) throw malformed('signature')
  return { address: addressOf(address), deviceKey, content, signature }
}

/** Whether the device that it names signed it for this channel; whose device that is, is the caller's to check. */
export const isSignedPost = (crypto: Pick<Crypto, 'ed25519'>, channel: Uint8Array, post: BotPost): Promise<boolean> =>
  crypto.ed25519.verify(post.deviceKey, statementOf(channel, post), post.signature)
