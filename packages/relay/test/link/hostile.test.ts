import { encodeFrame, FRAME_LIMIT, type Frame, isDchatError, WIRE_VERSIONS } from '@dchat/sdk/wire'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { TestClient } from '../support/client.ts'
import { testClock, testCrypto } from '../support/crypto.ts'
import { client, codeOf, member, relay } from '../support/relay.ts'
import { tempDir } from '../support/temp.ts'
import { testTopic } from '../support/topic.ts'

/** Valid frames of every kind that a client sends, as bytes. */
const samples = async (): Promise<Uint8Array[]> => {
  const topic = await testTopic()
  const commit = await topic.commit(0, { attach: [{ id: testCrypto.random(16), body: testCrypto.random(20) }] })
  const request = (id: number, method: string, params: unknown): Frame => ({ type: 'request', id, method, params })
  const key = testCrypto.random(32)
  const frames: Frame[] = [
    request(1, 'topic.publish', {
      topic: topic.id,
      create: await topic.create(),
      entries: [topic.message(0), topic.message(0)],
    }),
    request(2, 'topic.publish', { topic: topic.id, entries: [commit] }),
    request(3, 'topic.read', { topic: topic.id, after: 0, limit: 10 }),
    request(4, 'link.prove', { kind: 'topic', subject: key, publicKey: key, signature: testCrypto.random(64) }),
    request(5, 'identity.put', { log: [testCrypto.random(80), testCrypto.random(80)] }),
    request(6, 'identity.get', { key }),
    request(7, 'keys.claim', { address: 'dchat1x', suite: 's' }),
    request(8, 'inbox.put', { device: key, reference: testCrypto.random(16), body: key }),
    request(10, 'successor.put', { topic: topic.id, reference: testCrypto.random(16), body: key }),
    request(11, 'successor.list', { topic: topic.id, after: 0, limit: 16 }),
    { type: 'subscribe', id: 9, name: 'topic', params: { topic: topic.id, after: 0 }, credit: 5 },
    { type: 'credit', id: 9, credit: 3 },
    { type: 'unsubscribe', id: 9 },
    { type: 'ping', nonce: 7 },
    { type: 'cancel', id: 3 },
    { type: 'hello', versions: WIRE_VERSIONS, agent: 'x', nonce: key },
  ]
  return frames.map(encodeFrame)
}

const mutate = (bytes: Uint8Array, random: () => number): Uint8Array => {
  const at = Math.floor(random() * bytes.length)
  const kind = Math.floor(random() * 5)
  const out = bytes.slice()
  if (kind === 0) out[at] = Math.floor(random() * 256)
  else if (kind === 1) out[at] = (out[at] as number) ^ (1 << Math.floor(random() * 8))
  else if (kind === 2) return out.subarray(0, at)
  else if (kind === 3) return new Uint8Array([...out.subarray(0, at), Math.floor(random() * 256), ...out.subarray(at)])
  else out.fill(0xff, at, at + 4)
  return out
}

test('ten thousand mutated frames: a typed error or a closed link each time, and others are served as before', async () => {
  const at = await relay({ store: await tempDir(), limits: { connects: { perSecond: 10_000, burst: 20_000 } } })
  const { client: honest, topic } = await member(at, 1)
  const frames = await samples()
  // A linear congruential generator: the same mutations in every run.
  let state = 20_240_601
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const outcomes = { answered: 0, closed: 0 }
  let sent = 0
  const attack = async (): Promise<void> => {
    let hostile = await TestClient.connect(at.url)
    for (let nonce = 1000; sent < 10_000; nonce++) {
      hostile.socket.send(mutate(frames[sent++ % frames.length] as Uint8Array, random))
      hostile.send({ type: 'ping', nonce })
      // Either the link goes on and answers the ping, or it closes with a typed error.
      const answer = await hostile.frame(
        (frame) => (frame.type === 'pong' && frame.nonce === nonce) || (frame.type === 'error' && frame.id === 0),
      )
      hostile.frames.length = 0
      if (answer.type === 'pong') outcomes.answered++
      else {
        outcomes.closed++
        expect(await hostile.closed).toBe(1002)
        hostile = await TestClient.connect(at.url)
      }
      if (sent % 50 === 0) await honest.request('topic.publish', { topic: topic.id, entries: [topic.message(0)] })
    }
    await hostile.close()
  }
  await Promise.all(Array.from({ length: 8 }, attack))
  expect(outcomes.answered + outcomes.closed).toBe(10_000)
  expect(Math.min(outcomes.answered, outcomes.closed)).toBeGreaterThan(1_000)
  const { entries } = await honest.request('topic.read', { topic: topic.id, after: 0, limit: 256 })
  expect(entries.map(({ receipt }) => receipt.seq)).toEqual(entries.map((_, index) => index + 1))
  expect(entries.length).toBeGreaterThan(150)
})

test('arbitrary bytes before the hello close the link and nothing else', async () => {
  const at = await relay()
  const honest = await client(at)
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      const raw = await TestClient.raw(at.url)
      raw.socket.send(bytes)
      expect(await raw.closed).toBe(1002)
    }),
    { numRuns: 30 },
  )
  await honest.request('relay.info', {})
})

test('text, an oversized frame and a wrong path are refused', async () => {
  const at = await relay()
  const text = await client(at)
  text.socket.send('hello')
  expect(await text.closed).toBe(1002)
  const large = await client(at)
  large.socket.send(new Uint8Array(FRAME_LIMIT + 1))
  expect(await large.closed).toBe(1009)
  const wrong = new WebSocket(`${at.url}/elsewhere`)
  expect(await new Promise((resolve) => wrong.once('error', ({ message }) => resolve(message)))).toContain('404')
})

test('a reader that does not read holds back itself only, in bounded memory, and is cut off in the end', async () => {
  const clock = testClock()
  const at = await relay({ clock, patience: 4_000, heartbeat: 600_000, limits: { bufferedBytes: 1_000_000 } })
  const { client: alice, topic } = await member(at)
  const body = testCrypto.random(500_000)
  for (let i = 0; i < 60; i++) {
    const entry = { ...topic.message(0), body }
    await alice.request('topic.publish', { topic: topic.id, entries: [entry] })
  }
  const slow = await client(at)
  await slow.prove('topic', topic.id, topic.seed(0))
  slow.socket.pause()
  for (let id = 1000; id < 1200; id++)
    slow.send({ type: 'request', id, method: 'topic.read', params: { topic: topic.id, after: 0, limit: 256 } })
  slow.send({ type: 'subscribe', id: 5000, name: 'topic', params: { topic: topic.id, after: 0 }, credit: 4000 })
  for (let i = 0; i < 20; i++) await alice.request('topic.publish', { topic: topic.id, entries: [topic.message(0)] })
  // 200 answers of half a megabyte and thirty megabytes of backlog were asked for.
  const text = await (await fetch(`${at.url.replace('ws', 'http')}/metrics`)).text()
  const value = (name: string) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.split(' ')[1] ?? 0,
    )
  expect(value('dchat_relay_requests_total{method="topic.read",outcome="ok"}')).toBeLessThan(20)
  expect(value('dchat_relay_sent_bytes_total')).toBeLessThan(20_000_000)
  clock.offset += 31_000
  const closed = async () => {
    const metrics = await (await fetch(`${at.url.replace('ws', 'http')}/metrics`)).text()
    return metrics.includes('dchat_relay_links_closed_total{reason="slow-reader"} 1')
  }
  await expect.poll(closed, { timeout: 90_000, interval: 200 }).toBe(true)
  await alice.request('relay.info', {})
})

test('who asks too much is told when to come back, and who never listens is disconnected', async () => {
  const at = await relay({ limits: { connection: { perSecond: 1, burst: 20 }, refusals: 30 } })
  const alice = await client(at)
  const answers = await Promise.all(
    Array.from({ length: 25 }, () => alice.request('relay.info', {}).catch((error: unknown) => error)),
  )
  const refused = answers.filter((answer) => isDchatError(answer, 'transport/rate-limited'))
  expect(refused).toHaveLength(5)
  expect(refused[0]).toMatchObject({ details: { retryAfter: expect.any(Number) } })
  for (let i = 0; i < 40; i++) alice.request('relay.info', {}).catch(() => undefined)
  expect(await alice.closed).toBe(1008)
})

test('opening topics has a rate of its own, and publishing to an open one does not pay it', async () => {
  const at = await relay({ limits: { creates: { perSecond: 0.001, burst: 2 } } })
  const { client: alice, topic } = await member(at)
  await member(at)
  expect(await codeOf(member(at))).toBe('transport/rate-limited')
  const create = await topic.create()
  await alice.request('topic.publish', { topic: topic.id, create, entries: [topic.message(0)] })
})

test('connections of one address are bounded, and so are those of all', async () => {
  const at = await relay({ limits: { connectionsPerAddress: 3 } })
  const first = await client(at)
  await client(at)
  await client(at)
  await expect(TestClient.raw(at.url)).rejects.toThrow('503')
  await first.close()
  await expect.poll(async () => codeOf(TestClient.connect(at.url).then((again) => again.close()))).toBe('no error')
})

test('thousands of subscriptions and proofs end in a quota, not in memory', async () => {
  const at = await relay({ limits: { subscriptions: 1_000, proofs: 50 } })
  const { client: alice, topic } = await member(at, 1)
  for (let id = 10_000; id < 13_000; id++)
    alice.send({ type: 'subscribe', id, name: 'topic', params: { topic: topic.id, after: 0 }, credit: 1 })
  await alice.until(() => (alice.frames.filter(({ type }) => type === 'end').length === 2_000 ? true : undefined))
  await alice.until(() => (alice.frames.filter(({ type }) => type === 'item').length === 1_000 ? true : undefined))
  const codes = await Promise.all(
    Array.from({ length: 60 }, () => codeOf(alice.prove('topic', testCrypto.random(32), testCrypto.random(32)))),
  )
  expect(codes.filter((code) => code === 'relay/quota')).toHaveLength(11)
})
