import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DchatError } from '../../src/errors.ts'
import { decodeCbor, encodeCbor } from '../../src/protocol/wire/cbor.ts'
import {
  ARCHIVE_BODY_LIMIT,
  BODY_LIMIT,
  INBOX_BODY_LIMIT,
  PUBLISH_LIMIT,
  SUCCESSOR_BYTES,
  SUCCESSOR_PAGE_LIMIT,
} from '../../src/protocol/wire/limits.ts'
import {
  isMethod,
  isSubscription,
  parseItem,
  parseParams,
  parseResult,
  parseSubscriptionParams,
} from '../../src/protocol/wire/method-codec.ts'
import type {
  Entry,
  Method,
  Params,
  Receipt,
  Result,
  Subscription,
  SubscriptionItem,
  SubscriptionParams,
} from '../../src/protocol/wire/methods.ts'
import { mutated, typedOrThrow } from '../support/mutation.ts'

const fill = (length: number, value = 1) => new Uint8Array(length).fill(value)
const key = fill(32)
const receipt: Receipt = {
  topic: key,
  seq: 1,
  previous: key,
  entry: key,
  kind: 'commit',
  time: 5,
  index: 0,
  size: 2,
  path: [key],
  signature: fill(64),
}
const entry: Entry = { epoch: 1, reference: fill(16), body: fill(256), frame: fill(90), receipt }

const PARAMS: { [M in Method]: Params<M> } = {
  'relay.info': {},
  'link.prove': { kind: 'device', subject: key, publicKey: key, signature: fill(64) },
  'identity.put': { log: [fill(10), fill(20)], fork: false },
  'identity.get': { address: 'dchat1abc' },
  'keys.publish': { device: key, suite: 's', oneTime: [fill(9)], lastResort: fill(9), replace: true },
  'keys.count': { device: key, suite: 's' },
  'keys.claim': { address: 'dchat1abc', suite: 's' },
  'topic.restore': { topic: key, create: { nonce: fill(16), key, epoch: 0 }, entries: [entry] },
  'topic.publish': {
    topic: key,
    after: 3,
    create: { nonce: fill(16), key, epoch: 0 },
    entries: [{ kind: 'commit', epoch: 0, reference: fill(16), body: fill(256), frame: fill(80) }],
    attach: [{ id: fill(16), body: fill(5) }],
  },
  'topic.read': { topic: key, after: 0, limit: 256 },
  'topic.head': { topic: key },
  'successor.put': { topic: key, reference: fill(16), body: fill(700) },
  'successor.list': { topic: key, after: 0, limit: 16 },
  'blob.get': { id: fill(16) },
  'inbox.put': { device: key, reference: fill(16), body: fill(INBOX_BODY_LIMIT) },
  'inbox.head': { device: key },
  'inbox.ack': { device: key, seq: 4 },
  'archive.put': { device: key, address: 'dchat1abc', slot: fill(16), body: fill(ARCHIVE_BODY_LIMIT) },
  'archive.get': { device: key, address: 'dchat1abc', slot: fill(16) },
  'archive.list': { device: key, address: 'dchat1abc', after: fill(16), limit: 10 },
  'signal.send': { topic: key, body: fill(3) },
  'rendezvous.put': { slot: fill(16), side: 'new', index: 31, body: fill(64 * 1024) },
  'rendezvous.get': { slot: fill(16), side: 'old', index: 0, wait: 30_000 },
}

const RESULTS: { [M in Method]: Result<M> } = {
  'relay.info': { name: 'r', version: '1', time: 1, policy: 'open' },
  'link.prove': {},
  'identity.put': { length: 2 },
  'identity.get': { logs: [[fill(3)], [fill(3), fill(4)]] },
  'keys.publish': { count: 3 },
  'keys.count': { count: 3, lastResort: true },
  'keys.claim': { packages: [{ device: key, package: fill(9), lastResort: false }] },
  'topic.publish': { receipts: [receipt] },
  'topic.restore': { seq: 4 },
  'topic.read': { entries: [entry, { ...entry, body: null, frame: null }], head: { seq: 2, epoch: 1 } },
  'topic.head': { seq: 0, head: key, epoch: 0, time: 0 },
  'successor.put': { seq: 1 },
  'successor.list': { items: [{ seq: 3, time: 5, reference: fill(16), body: fill(9) }] },
  'blob.get': { body: fill(0) },
  'inbox.put': { seq: 1 },
  'inbox.head': { seq: 0 },
  'inbox.ack': {},
  'archive.put': {},
  'archive.get': { body: fill(ARCHIVE_BODY_LIMIT), time: 1 },
  'archive.list': { slots: [{ slot: fill(16), body: fill(1), time: 1 }] },
  'signal.send': { reached: 0 },
  'rendezvous.put': {},
  'rendezvous.get': { body: null },
}

const SUBSCRIPTIONS: { [S in Subscription]: [SubscriptionParams<S>, SubscriptionItem<S>] } = {
  topic: [{ topic: key, after: 0 }, entry],
  inbox: [
    { device: key, after: 7 },
    { seq: 8, time: 1, body: fill(1) },
  ],
  signals: [{ topic: key }, { body: fill(1) }],
}

const methods = Object.keys(PARAMS) as Method[]
const subscriptions = Object.keys(SUBSCRIPTIONS) as Subscription[]
const malformed = expect.objectContaining({ code: 'protocol/malformed' })
const overTheWire = (value: unknown) => decodeCbor(encodeCbor(value as never), 'test')

describe('the checks of methods', () => {
  test.each(methods)('%s passes both ways, and keys of a later version are left out', (method) => {
    expect(parseParams(method, overTheWire({ ...PARAMS[method], later: 1 }))).toEqual(PARAMS[method])
    expect(parseResult(method, overTheWire({ ...RESULTS[method], later: 1 }))).toEqual(RESULTS[method])
  })

  test.each(subscriptions)('the subscription %s passes both ways', (name) => {
    const [params, item] = SUBSCRIPTIONS[name]
    expect(parseSubscriptionParams(name, overTheWire({ ...params, later: 1 }))).toEqual(params)
    expect(parseItem(name, overTheWire({ ...item, later: 1 }))).toEqual(item)
  })

  test.each(methods.filter((method) => Object.keys(PARAMS[method]).length > 0))('%s needs its params', (method) => {
    for (const wrong of [undefined, null, 1, 'x', [], fill(3), {}])
      expect(() => parseParams(method, wrong)).toThrow(malformed)
  })

  const publish = PARAMS['topic.publish']
  const upload = publish.entries[0] as (typeof publish.entries)[0]
  test.each<[string, Method, object]>([
    ['a short topic', 'topic.head', { topic: fill(31) }],
    ['a kind by number', 'topic.publish', { ...publish, entries: [{ ...upload, kind: 1 }] }],
    ['a body over the limit', 'topic.publish', { ...publish, entries: [{ ...upload, body: fill(BODY_LIMIT + 1) }] }],
    ['too many entries', 'topic.publish', { ...publish, entries: Array(PUBLISH_LIMIT + 1).fill(upload) }],
    ['a negative epoch', 'topic.publish', { ...publish, entries: [{ ...upload, epoch: -1 }] }],
    ['an epoch beyond safe numbers', 'topic.publish', { ...publish, entries: [{ ...upload, epoch: 2n ** 60n }] }],
    ['a fraction', 'topic.read', { topic: key, after: 0.5, limit: 1 }],
    ['a page of nothing', 'topic.read', { topic: key, after: 0, limit: 0 }],
    ['a rendezvous on a third side', 'rendezvous.get', { ...PARAMS['rendezvous.get'], side: 'middle' }],
    ['a rendezvous message too many', 'rendezvous.get', { ...PARAMS['rendezvous.get'], index: 32 }],
    ['a wait too long', 'rendezvous.get', { ...PARAMS['rendezvous.get'], wait: 30_001 }],
    ['a page too long', 'topic.read', { topic: key, after: 0, limit: 257 }],
    ['an empty announcement', 'successor.put', { ...PARAMS['successor.put'], body: fill(0) }],
    ['an announcement too long', 'successor.put', { ...PARAMS['successor.put'], body: fill(SUCCESSOR_BYTES + 1) }],
    ['an announcement with a short reference', 'successor.put', { ...PARAMS['successor.put'], reference: fill(15) }],
    ['no announcements', 'successor.list', { topic: key, after: 0, limit: 0 }],
    ['too many announcements', 'successor.list', { topic: key, after: 0, limit: 17 }],
    ['neither address nor key', 'identity.get', {}],
    ['both address and key', 'identity.get', { address: 'a', key }],
    ['an unknown proof', 'link.prove', { ...PARAMS['link.prove'], kind: 'root' }],
    ['an inherited field', 'topic.head', Object.create({ topic: key })],
  ])('%s is malformed', (_, method, params) => {
    expect(() => parseParams(method, params)).toThrow(malformed)
  })

  test('an answer of a relay with more announcements or longer ones than were agreed is malformed', () => {
    const item = { seq: 1, time: 5, reference: fill(16), body: fill(1) }
    const list = (items: unknown) => parseResult('successor.list', { items })
    expect(list([{ ...item, body: fill(SUCCESSOR_BYTES) }])).toMatchObject({ items: [{ seq: 1 }] })
    for (const wrong of [
      [{ ...item, body: fill(SUCCESSOR_BYTES + 1) }],
      [{ ...item, body: fill(0) }],
      [{ ...item, seq: 0 }],
      Array(SUCCESSOR_PAGE_LIMIT + 1).fill(item),
    ])
      expect(() => list(wrong)).toThrow(malformed)
  })

  test('names that objects inherit are no methods', () => {
    expect(methods.every(isMethod)).toBe(true)
    expect(subscriptions.every(isSubscription)).toBe(true)
    for (const name of ['constructor', 'toString', '__proto__', ''])
      expect([isMethod(name), isSubscription(name)]).toEqual([false, false])
  })

  test('answer ten thousand mutations with a value or a typed error', () => {
    const cases = [
      ...methods.flatMap((method) => [
        { bytes: encodeCbor(PARAMS[method] as never), parse: (value: unknown) => parseParams(method, value) },
        { bytes: encodeCbor(RESULTS[method] as never), parse: (value: unknown) => parseResult(method, value) },
      ]),
      ...subscriptions.map((name) => ({
        bytes: encodeCbor(SUBSCRIPTIONS[name][1] as never),
        parse: (value: unknown) => parseItem(name, value),
      })),
    ].filter(({ bytes }) => bytes.length < 2000)
    const one = fc
      .constantFrom(...cases)
      .chain(({ bytes, parse }) => mutated([bytes]).map((changed) => ({ changed, parse })))
    const read = ({ changed, parse }: { changed: Uint8Array; parse: (value: unknown) => unknown }) =>
      typedOrThrow(() => parse(decodeCbor(changed, 'test', { deterministic: false })))
    fc.assert(fc.property(one, read), { numRuns: 10_000 })
  })

  test('errors say where, and nothing of what was sent', () => {
    const error = (() => {
      try {
        return parseParams('identity.get', { address: 'x'.repeat(500) })
      } catch (thrown) {
        return thrown as DchatError
      }
    })() as DchatError<'protocol/malformed'>
    expect(error.details.format).toBe('identity.get.address')
    expect(error.message).not.toContain('xxx')
  })
})
