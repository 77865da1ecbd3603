import { readFileSync } from 'node:fs'
import { isDchatError } from '@dchat/sdk/errors'
import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { createWebhookKeyPair, createWebhookSecret, parseWebhookKey } from '../../src/webhooks/keys.ts'
import { signWebhook, verifyWebhook } from '../../src/webhooks/signature.ts'

/** The vectors that other languages test themselves with: written by `vitest run -u`, read back as they would. */

const FILE = '../../vectors/webhook-signatures.json'
const AT = 1_795_262_400

const filled = (value: number) => (length: number) => new Uint8Array(length).fill(value)
const [hmac, foreign] = [createWebhookSecret(filled(7)), createWebhookSecret(filled(8))]
const [pair, foreignPair] = [createWebhookKeyPair(filled(9)), createWebhookKeyPair(filled(10))]

const body = '{"v":1,"type":"message.created","data":{"event_id":"evt_7f","text":"Grüße 👋"}}'
const signedBy = (...secrets: string[]) => ({
  ...signWebhook(body, { id: 'evt_7f', at: AT * 1000, keys: secrets.map(parseWebhookKey) }),
})
const both = signedBy(hmac, pair.secret)

interface Vector {
  readonly name: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
  readonly secrets: readonly string[]
  /** Unix seconds of the receiver's clock. */
  readonly now: number
  readonly error?: string
}

const bad = 'webhook/bad-signature'
const vectors: readonly Vector[] = [
  { name: 'HMAC-SHA256', body, headers: signedBy(hmac), secrets: [hmac], now: AT },
  { name: 'Ed25519', body, headers: signedBy(pair.secret), secrets: [pair.public], now: AT },
  { name: 'both, the receiver knows the HMAC secret', body, headers: both, secrets: [hmac], now: AT },
  { name: 'both, the receiver knows the public key', body, headers: both, secrets: [pair.public], now: AT },
  { name: 'rotation: old and new sign', body, headers: signedBy(foreign, hmac), secrets: [hmac], now: AT },
  { name: 'rotation: the receiver knows both', body, headers: signedBy(hmac), secrets: [foreign, hmac], now: AT },
  {
    name: 'an empty body',
    body: '',
    headers: { ...signWebhook('', { id: 'e', at: AT * 1000, keys: [parseWebhookKey(hmac)] }) },
    secrets: [hmac],
    now: AT,
  },
  { name: 'five minutes old', body, headers: both, secrets: [hmac], now: AT + 300 },
  {
    name: 'five minutes and a second old',
    body,
    headers: both,
    secrets: [hmac],
    now: AT + 301,
    error: 'webhook/stale',
  },
  { name: 'six minutes ahead', body, headers: both, secrets: [hmac], now: AT - 360, error: 'webhook/stale' },
  {
    name: 'a body with a space more',
    body: body.replace(':', ': '),
    headers: both,
    secrets: [hmac, pair.public],
    now: AT,
    error: bad,
  },
  {
    name: 'another id',
    body,
    headers: { ...both, 'webhook-id': 'evt_80' },
    secrets: [hmac, pair.public],
    now: AT,
    error: bad,
  },
  {
    name: 'another timestamp',
    body,
    headers: { ...both, 'webhook-timestamp': String(AT + 1) },
    secrets: [hmac, pair.public],
    now: AT,
    error: bad,
  },
  {
    name: 'foreign keys',
    body,
    headers: signedBy(foreign, foreignPair.secret),
    secrets: [hmac, pair.public],
    now: AT,
    error: bad,
  },
  {
    name: 'a version that nobody knows',
    body,
    headers: { ...both, 'webhook-signature': both['webhook-signature'].replace(/^v1,(\S+).*/, 'v2,$1') },
    secrets: [hmac],
    now: AT,
    error: bad,
  },
  { name: 'no signature', body, headers: { ...both, 'webhook-signature': '' }, secrets: [hmac], now: AT, error: bad },
]

test('the vectors are what this code signs', async () => {
  await expect(`${JSON.stringify(vectors, undefined, 2)}\n`).toMatchFileSnapshot(FILE)
})

const stored = JSON.parse(readFileSync(new URL(FILE, import.meta.url), 'utf8')) as readonly Vector[]

test.each(stored)('$name', ({ body, headers, secrets, now, error }) => {
  const outcome = (): string | undefined => {
    try {
      verifyWebhook(body, headers, secrets, { now: now * 1000 })
      return undefined
    } catch (thrown) {
      return isDchatError(thrown) ? thrown.code : String(thrown)
    }
  }
  expect(outcome()).toBe(error)
})

test('the official library signs what the vectors say', () => {
  const [first] = stored as [Vector]
  expect(new Webhook(hmac).sign('evt_7f', new Date(AT * 1000), first.body)).toBe(first.headers['webhook-signature'])
})
