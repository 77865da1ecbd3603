import { createHmac, timingSafeEqual } from 'node:crypto'

/** Seconds that a signature may be old, or ahead of time. */
const TOLERANCE = 300

/**
 * Standard Webhooks 1.0.0: HMAC-SHA256 over `id.timestamp.body`, the body as it came. Several signatures stand in the
 * header while secrets are rotated; one that fits is enough.
 * @param {Buffer} body
 * @param {import('node:http').IncomingHttpHeaders} headers
 * @param {string} secret `whsec_…`
 */
export const isGenuine = (body, headers, secret) => {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers
  // Written so that what is no number is not genuine either.
  const isFresh = Math.abs(Date.now() / 1000 - Number(timestamp)) <= TOLERANCE
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  if (!isFresh || key.length < 24) return false
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest()
  return String(signatures)
    .split(' ')
    .some((signature) => {
      const [version, base64 = ''] = signature.split(',')
      const given = Buffer.from(base64, 'base64')
      return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected)
    })
}
