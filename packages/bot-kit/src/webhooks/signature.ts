import { createHmac, sign as signEd25519, timingSafeEqual, verify as verifyEd25519 } from 'node:crypto'
import { DchatError } from '@dchat/sdk/errors'
import { parseWebhookKey, type WebhookKey } from './keys.ts'

/** Signatures of Standard Webhooks 1.0.0: `v1` is HMAC-SHA256, `v1a` is Ed25519, both over `id.timestamp.body`. */

export interface WebhookHeaders {
  /** The same over retries. */
  readonly 'webhook-id': string
  /** Unix seconds of this attempt. */
  readonly 'webhook-timestamp': string
  readonly 'webhook-signature': string
}

/** Headers as a `Request`, Node or a plain object has them. */
export type AnyHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>

/** A signature may be this old, or ahead of time, ms. */
export const WEBHOOK_TOLERANCE = 300_000

/** More signatures than any rotation needs: what stands behind them is not looked at. */
const SIGNATURES = 16

const signed = (id: string, timestamp: string, body: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body])

const bytesOf = (body: string | Uint8Array): Uint8Array => (typeof body === 'string' ? Buffer.from(body) : body)

const hmac = (key: WebhookKey, text: Buffer): Buffer => createHmac('sha256', key.object).update(text).digest()

const signature = (key: WebhookKey, text: Buffer): string => {
  if (key.kind === 'hmac') return `v1,${hmac(key, text).toString('base64')}`
  if (key.kind === 'private') return `v1a,${signEd25519(null, text, key.object).toString('base64')}`
  throw new DchatError('usage/invalid-argument', { name: 'webhook key', reason: 'a public key signs nothing' })
}

/**
 * The headers of one attempt, signed by every key, the newest first. `at`: ms since 1970.
 * Throws `usage/invalid-argument` for an id with a dot, and where there is no key.
 */
export const signWebhook = (
  body: string | Uint8Array,
  options: { readonly id: string; readonly at: number; readonly keys: readonly WebhookKey[] },
): WebhookHeaders => {
  const { id, at, keys } = options
  if (!/^[^.\s]+$/.test(id)) throw new DchatError('usage/invalid-argument', { name: 'id', reason: 'it has a dot' })
  if (keys.length === 0) throw new DchatError('usage/invalid-argument', { name: 'keys', reason: 'there is none' })
  const timestamp = String(Math.floor(at / 1000))
  const text = signed(id, timestamp, bytesOf(body))
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': keys.map((key) => signature(key, text)).join(' '),
  }
}

const isSignedBy = (key: WebhookKey, given: string, text: Buffer): boolean => {
  const [version, base64 = ''] = given.split(',', 2)
  const bytes = Buffer.from(base64, 'base64')
  if (version === 'v1' && key.kind === 'hmac') return bytes.length === 32 && timingSafeEqual(bytes, hmac(key, text))
  if (version === 'v1a' && key.kind === 'public')
    return bytes.length === 64 && verifyEd25519(null, text, key.object, bytes)
  return false
}

const headerOf = (headers: AnyHeaders, name: string): string => {
  if (headers instanceof Headers) return headers.get(name) ?? ''
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1]
  return (typeof found === 'string' ? found : found?.[0]) ?? ''
}

export interface VerifiedWebhook {
  /** Handle each id once. */
  readonly id: string
  /** When it was signed, ms since 1970. */
  readonly at: number
}

/**
 * Checks a webhook by the body as it came, byte for byte, before anything parses it. `secrets`: `whsec_…` or `whpk_…`;
 * several while they are rotated, one that verifies is enough.
 * Throws `webhook/bad-signature` and `webhook/stale` (answer both with 401), and `usage/invalid-argument` for a bad secret.
 */
export const verifyWebhook = (
  rawBody: string | Uint8Array,
  headers: AnyHeaders,
  secrets: readonly string[],
  options: {
    /** ms since 1970; default: now. */ readonly now?: number
    /** ms */ readonly tolerance?: number
  } = {},
): VerifiedWebhook => {
  const { now = Date.now(), tolerance = WEBHOOK_TOLERANCE } = options
  const keys = secrets.map(parseWebhookKey)
  const [id, timestamp, given] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) =>
    headerOf(headers, name),
  ) as [string, string, string]
  // The id stands in the error's text.
  const shown = id.slice(0, 80)
  if (id === '' || !/^\d{1,12}$/.test(timestamp)) throw new DchatError('webhook/bad-signature', { id: shown })
  const text = signed(id, timestamp, bytesOf(rawBody))
  const signatures = given.split(' ', SIGNATURES)
  // All are tried, so that the time tells nothing of which one it was.
  const found = keys.flatMap((key) => signatures.map((one) => isSignedBy(key, one, text)))
  if (!found.includes(true)) throw new DchatError('webhook/bad-signature', { id: shown })
  const at = Number(timestamp) * 1000
  if (Math.abs(now - at) > tolerance) throw new DchatError('webhook/stale', { id: shown })
  return { id, at }
}
