import { inspect } from 'node:util'
import { isDchatError } from '@dchat/sdk/errors'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import {
  createWebhookKeyPair,
  createWebhookSecret,
  parseWebhookKey,
  webhookPublicKey,
} from '../../src/webhooks/keys.ts'
import { keysAt, ROTATION_OVERLAP, rotate } from '../../src/webhooks/rotation.ts'
import { signWebhook, verifyWebhook } from '../../src/webhooks/signature.ts'

const NOW = Date.parse('2026-11-21T12:00:00Z')
const codeOf = (work: () => unknown): unknown => {
  try {
    work()
  } catch (error) {
    return isDchatError(error) ? error.code : error
  }
  return 'no error'
}
const keys = (...texts: string[]) => texts.map(parseWebhookKey)

describe('signatures', () => {
  test('of any body and secret verify here and with the official library', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 400 }),
        fc.uint8Array({ minLength: 24, maxLength: 64 }),
        (body, bytes) => {
          const secret = `whsec_${Buffer.from(bytes).toString('base64')}`
          const headers = { ...signWebhook(body, { id: 'evt_1', at: Date.now(), keys: keys(secret) }) }
          expect(verifyWebhook(body, headers, [secret]).id).toBe('evt_1')
          new Webhook(secret).verify(Buffer.from(body), headers, { jsonParse: false })
        },
      ),
      // The official library takes its time.
      { numRuns: 25 },
    )
  })

  test('of the official library verify here', () => {
    const secret = createWebhookSecret()
    const signature = new Webhook(secret).sign('evt_2', new Date(NOW), '{"a":1}')
    const headers = new Headers({
      'Webhook-Id': 'evt_2',
      'webhook-timestamp': String(NOW / 1000),
      'webhook-signature': signature,
    })
    expect(verifyWebhook('{"a":1}', headers, [secret], { now: NOW })).toEqual({ id: 'evt_2', at: NOW })
  })

  const hmac = createWebhookSecret()
  const pair = createWebhookKeyPair()
  const both = signWebhook('{}', { id: 'evt_3', at: NOW, keys: keys(hmac, pair.secret) })

  test('of both kinds stand side by side, and either one is enough', () => {
    expect(both['webhook-signature']).toMatch(/^v1,\S+ v1a,\S+$/)
    for (const secret of [hmac, pair.public])
      expect(verifyWebhook('{}', { ...both }, [secret], { now: NOW }).at).toBe(NOW)
  })

  test.each([
    ['a body that was changed', '{ }', {}, [hmac, pair.public]],
    ['another id', '{}', { 'webhook-id': 'evt_4' }, [hmac, pair.public]],
    ['another time', '{}', { 'webhook-timestamp': String(NOW / 1000 + 1) }, [hmac, pair.public]],
    ['foreign secrets', '{}', {}, [createWebhookSecret(), createWebhookKeyPair().public]],
    ['no secret at all', '{}', {}, []],
    ['no signature', '{}', { 'webhook-signature': '' }, [hmac]],
    ['no id', '{}', { 'webhook-id': undefined }, [hmac]],
    ['a time that is no number', '{}', { 'webhook-timestamp': 'NaN' }, [hmac]],
    ['a signature of a kind that nobody knows', '{}', { 'webhook-signature': 'v9,AAAA' }, [hmac, pair.public]],
    [
      'the right bytes under the wrong kind',
      '{}',
      { 'webhook-signature': both['webhook-signature'].replaceAll('v1a,', 'v1,').replace(/^v1,/, 'v1a,') },
      [hmac, pair.public],
    ],
  ] as const)('%s is refused', (_, body, change, secrets) => {
    const headers = { ...both, ...change }
    expect(codeOf(() => verifyWebhook(body, headers, secrets, { now: NOW }))).toBe('webhook/bad-signature')
  })

  test.each([
    [-300_000, 'no error'],
    [300_000, 'no error'],
    [301_000, 'webhook/stale'],
    [360_000, 'webhook/stale'],
    [-301_000, 'webhook/stale'],
  ])('%d ms after it was signed: %s', (age, code) => {
    expect(codeOf(() => verifyWebhook('{}', { ...both }, [hmac], { now: NOW + age }))).toBe(code)
  })

  test('an id with a dot cannot be signed, for it could be read in two ways', () => {
    expect(codeOf(() => signWebhook('{}', { id: 'a.b', at: NOW, keys: keys(hmac) }))).toBe('usage/invalid-argument')
  })
})

describe('a rotation', () => {
  test('has no gap: receivers with the old secret and with the new one verify for a day, then only the new one does', () => {
    const [old, fresh] = [createWebhookSecret(), createWebhookSecret()]
    const held = rotate([{ key: parseWebhookKey(old) }], parseWebhookKey(fresh), NOW)
    const verifies = (secret: string, at: number) =>
      codeOf(() =>
        verifyWebhook('{}', { ...signWebhook('{}', { id: 'e', at, keys: keysAt(held, at) }) }, [secret], { now: at }),
      )
    for (const at of [NOW, NOW + ROTATION_OVERLAP - 1]) {
      expect(verifies(old, at)).toBe('no error')
      expect(verifies(fresh, at)).toBe('no error')
    }
    expect(verifies(old, NOW + ROTATION_OVERLAP)).toBe('webhook/bad-signature')
    expect(verifies(fresh, NOW + ROTATION_OVERLAP)).toBe('no error')
  })

  test('twice within a day drops nothing early and keeps nothing for good', () => {
    const twice = rotate(rotate([{ key: 'a' }], 'b', 0), 'c', 1000)
    expect(keysAt(twice, 2000)).toEqual(['c', 'b', 'a'])
    expect(rotate(twice, 'd', 2 * ROTATION_OVERLAP).map(({ key }) => key)).toEqual(['d', 'c'])
  })

  test('replaces keys of one kind only', () => {
    expect(rotate([{ key: 'h1' }, { key: 'e1' }], 'h2', 0, (key) => key.startsWith('h'))).toEqual([
      { key: 'h2' },
      { key: 'h1', until: ROTATION_OVERLAP },
      { key: 'e1' },
    ])
  })
})

describe('keys', () => {
  test('never show themselves', () => {
    const secret = createWebhookSecret()
    const key = parseWebhookKey(secret)
    const bare = secret.slice('whsec_'.length)
    for (const shown of [inspect(key, { depth: 9, showHidden: true }), JSON.stringify(key), String(key)])
      expect(shown).not.toContain(bare.slice(0, 12))
  })

  test('a private key knows its public one, from the seed alone too', () => {
    const pair = createWebhookKeyPair()
    const seed = Buffer.from(pair.secret.slice(5), 'base64').subarray(0, 32).toString('base64')
    expect(webhookPublicKey(pair.secret)).toBe(pair.public)
    expect(webhookPublicKey(`whsk_${seed}`)).toBe(pair.public)
  })

  test.each([
    ['no prefix', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
    ['too short', 'whsec_AAAA'],
    ['too long', `whsec_${Buffer.alloc(65).toString('base64')}`],
    ['no base64', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2Lä!aSw'],
    ['halves of two pairs', `whsk_${Buffer.alloc(64).toString('base64')}`],
    ['a public key of 31 bytes', `whpk_${Buffer.alloc(31).toString('base64')}`],
  ])('%s is refused, without showing it', (_, text) => {
    const work = () => parseWebhookKey(text)
    expect(codeOf(work)).toBe('usage/invalid-argument')
    expect(work).not.toThrow(text.slice(8))
  })
})
