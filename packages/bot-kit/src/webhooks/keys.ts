import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { DchatError } from '@dchat/sdk/errors'

/** Keys of webhooks as Standard Webhooks 1.0.0 writes them: a prefix that tells the kind, and base64. */

/**
 * A key in memory. Only its kind shows: logged or serialised, nothing of the key does.
 * `hmac` signs and verifies `v1`, `private` signs `v1a`, `public` verifies it.
 */
export interface WebhookKey {
  readonly kind: 'hmac' | 'private' | 'public'
  readonly object: KeyObject
}

const PREFIXES = { whsec_: 'hmac', whsk_: 'private', whpk_: 'public' } as const

/** RFC 8410: what stands before the 32 bytes of an Ed25519 key in DER. */
const PRIVATE_DER = Buffer.from('302e020100300506032b657004220420', 'hex')
const PUBLIC_DER = Buffer.from('302a300506032b6570032100', 'hex')

const ED25519_BYTES = 32

const invalid = (reason: string): DchatError =>
  new DchatError('usage/invalid-argument', { name: 'webhook key', reason }, {})

const bytesOf = (base64: string): Buffer => {
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.toString('base64').replace(/=+$/, '') !== base64.replace(/=+$/, '')) throw invalid('it is not base64')
  return bytes
}

const privateKey = (seed: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([PRIVATE_DER, seed]), format: 'der', type: 'pkcs8' })

const publicKey = (bytes: Uint8Array): KeyObject =>
  createPublicKey({ key: Buffer.concat([PUBLIC_DER, bytes]), format: 'der', type: 'spki' })

/** The 32 bytes of the public key. */
const publicBytes = (key: KeyObject): Buffer => {
  const point = createPublicKey(key.export({ format: 'pem', type: key.type === 'private' ? 'pkcs8' : 'spki' }))
  return point.export({ format: 'der', type: 'spki' }).subarray(PUBLIC_DER.length)
}

const parsers = {
  hmac: (bytes: Buffer): KeyObject => {
    if (bytes.length < 24 || bytes.length > 64) throw invalid('a whsec_ has 24 to 64 bytes')
    return createSecretKey(bytes)
  },
  /** The seed, and behind it the public key, as most libraries of Ed25519 keep them; the seed alone will do. */
  private: (bytes: Buffer): KeyObject => {
    if (bytes.length !== ED25519_BYTES && bytes.length !== 2 * ED25519_BYTES)
      throw invalid('a whsk_ has 32 or 64 bytes')
    const key = privateKey(bytes.subarray(0, ED25519_BYTES))
    if (bytes.length > ED25519_BYTES && !publicBytes(key).equals(bytes.subarray(ED25519_BYTES)))
      throw invalid('its two halves do not belong together')
    return key
  },
  public: (bytes: Buffer): KeyObject => {
    if (bytes.length !== ED25519_BYTES) throw invalid('a whpk_ has 32 bytes')
    return publicKey(bytes)
  },
}

/** Reads `whsec_…`, `whsk_…` or `whpk_…`. Throws `usage/invalid-argument`, which never shows the key. */
export const parseWebhookKey = (text: string): WebhookKey => {
  for (const [prefix, kind] of Object.entries(PREFIXES))
    if (text.startsWith(prefix)) return { kind, object: parsers[kind](bytesOf(text.slice(prefix.length))) }
  throw invalid('it begins with whsec_, whsk_ or whpk_')
}

/** A fresh secret for `v1` (HMAC-SHA256), which the sender and one endpoint share. */
export const createWebhookSecret = (random: (length: number) => Uint8Array = randomBytes): string =>
  `whsec_${Buffer.from(random(32)).toString('base64')}`

/** A fresh pair for `v1a` (Ed25519): the sender keeps `secret`, receivers know `public`. */
export const createWebhookKeyPair = (
  random: (length: number) => Uint8Array = randomBytes,
): { readonly secret: string; readonly public: string } => {
  const seed = Buffer.from(random(ED25519_BYTES))
  const point = publicBytes(privateKey(seed))
  return {
    secret: `whsk_${Buffer.concat([seed, point]).toString('base64')}`,
    public: `whpk_${point.toString('base64')}`,
  }
}

/** The `whpk_…` of a `whsk_…`. Throws `usage/invalid-argument` for anything else. */
export const webhookPublicKey = (secret: string): string => {
  const key = parseWebhookKey(secret)
  if (key.kind !== 'private') throw invalid('only a whsk_ has a public key')
  return `whpk_${publicBytes(key.object).toString('base64')}`
}
