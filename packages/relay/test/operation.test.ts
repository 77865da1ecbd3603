import { Writable } from 'node:stream'
import { toHex } from '@dchat/sdk/wire'
import { describe, expect, test } from 'vitest'
import { createRelay, memoryStore, pinoLog, type Store } from '../src/index.ts'
import { startTestRelay } from '../src/testing.ts'
import { TestClient } from './support/client.ts'
import { testClock } from './support/crypto.ts'
import { testIdentity } from './support/identity.ts'
import { client, codeOf, member, relay } from './support/relay.ts'
import { tempDir } from './support/temp.ts'
import { testTopic } from './support/topic.ts'

const http = ({ url }: { url: string }, path: string, init?: RequestInit) =>
  fetch(`${url.replace(/^ws/, 'http')}${path}`, init)

describe('plain HTTP on the same port', () => {
  test('/healthz tells whether the store can be read', async () => {
    const store = memoryStore()
    const at = await relay({ store })
    const healthy = await http(at, '/healthz')
    expect([healthy.status, await healthy.json()]).toEqual([200, { status: 'ok' }])
    await store.close()
    const broken = await http(at, '/healthz')
    expect([broken.status, await broken.json()]).toEqual([503, { status: 'store-unavailable' }])
  })

  test('/metrics counts what happened and names nobody', async () => {
    const at = await relay({ store: await tempDir() })
    const identity = testIdentity()
    const { client: alice, topic } = await member(at, 3)
    const feed = alice.subscribe('topic', { topic: topic.id, after: 0 })
    await feed.count(3)
    await alice.request('identity.put', { log: identity.genesis })
    await codeOf(alice.request('topic.head', { topic: (await testTopic()).id }))
    const text = await (await http(at, '/metrics')).text()
    expect(text).toContain('dchat_relay_connections 1\n')
    expect(text).toContain('dchat_relay_subscriptions 1\n')
    expect(text).toContain('dchat_relay_entries_total 3\n')
    expect(text).toContain('dchat_relay_delivered_total 3\n')
    expect(text).toContain('dchat_relay_requests_total{method="topic.publish",outcome="ok"} 1\n')
    expect(text).toContain('dchat_relay_requests_total{method="topic.head",outcome="relay/unknown-topic"} 1\n')
    expect(text).toMatch(/dchat_relay_commit_seconds_count [1-9]/)
    expect(text).toMatch(/dchat_relay_delivery_seconds_count [1-9]/)
    expect(text).toContain('dchat_relay_queue_length 0\n')
    expect(text).toMatch(/dchat_relay_database_bytes [1-9]/)
    expect(text).toMatch(/dchat_relay_disk_free_bytes [1-9]/)
    expect(text).toMatch(/dchat_relay_sweep_seconds_count [1-9]/)
    for (const secret of [toHex(topic.id), identity.address, '127.0.0.1', 'message 1'])
      expect(text).not.toContain(secret)
    feed.stop()
    await alice.close()
    await expect
      .poll(async () => (await http(at, '/metrics')).text())
      .toMatch(/connections 0\n[\s\S]*subscriptions 0\n/)
  })

  test('anything else is told what to do', async () => {
    const at = await relay()
    expect((await http(at, '/')).status).toBe(426)
    expect((await http(at, '/nothing')).status).toBe(404)
    expect((await http(at, '/healthz', { method: 'POST' })).status).toBe(405)
  })
})

test('the log holds events and counts, never content, addresses, topics or network addresses', async () => {
  const lines: string[] = []
  const sink = new Writable({
    write(chunk: Buffer, _, done) {
      lines.push(chunk.toString())
      done()
    },
  })
  const failing: Store = { ...memoryStore(), commit: () => Promise.reject(new Error('a marker: message 1')) }
  const at = await relay({ store: failing, log: pinoLog('debug', sink) })
  const alice = await client(at)
  const topic = await testTopic()
  await alice.prove('topic', topic.id, topic.seed(0))
  const entries = [topic.message(0, 'message 1')]
  expect(await codeOf(alice.request('topic.publish', { topic: topic.id, create: await topic.create(), entries }))).toBe(
    'transport/rejected',
  )
  await at.close()
  const text = lines.join('')
  expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
    'listening',
    'request-failed',
    'draining',
    'closed',
  ])
  for (const secret of [toHex(topic.id), '127.0.0.1', 'message 1', 'marker']) expect(text).not.toContain(secret)
})

test('a drain finishes what is in work, says when to come back, refuses new links, and frees the port', async () => {
  const store = await tempDir()
  const at = await relay({ store })
  const { client: alice, topic } = await member(at)
  const published = Array.from({ length: 40 }, (_, i) =>
    alice.request('topic.publish', { topic: topic.id, entries: [topic.message(0, `message ${i}`)] }).then(
      ({ receipts }) => receipts[0]?.seq,
      () => undefined,
    ),
  )
  // They are in work once the first one is answered.
  await published[0]
  const draining = at.drain()
  const goodbye = await alice.frame(({ type }) => type === 'goodbye')
  expect(goodbye.type === 'goodbye' && goodbye.retryAfter).toBeGreaterThanOrEqual(250)
  await expect(TestClient.raw(at.url)).rejects.toThrow()
  await draining
  await at.close()
  const acknowledged = (await Promise.all(published)).filter((seq) => seq !== undefined)
  const again = await relay({ store, port: Number(new URL(at.url).port) })
  const bob = await client(again)
  await bob.prove('topic', topic.id, topic.seed(0))
  const { entries } = await bob.request('topic.read', { topic: topic.id, after: 0, limit: 256 })
  expect(entries.length).toBeGreaterThanOrEqual(acknowledged.length)
  expect(acknowledged).toEqual(acknowledged.map((_, index) => index + 1))
})

test('old messages go, their places and receipts stay, and a reader sees the gap', async () => {
  const clock = testClock()
  const at = await relay({ clock, store: await tempDir(), sweepEvery: 20 })
  const { client: alice, topic } = await member(at, 5)
  clock.offset += 31 * 86_400_000
  const read = async () => (await alice.request('topic.read', { topic: topic.id, after: 0, limit: 9 })).entries
  await expect.poll(async () => (await read()).map(({ body }) => body)).toEqual([null, null, null, null, null])
  expect((await read()).map(({ receipt }) => receipt.seq)).toEqual([1, 2, 3, 4, 5])
})

test('a relay that cannot have its port or its directory says so and leaves nothing open', async () => {
  const store = await tempDir()
  const first = await relay({ store })
  expect(await codeOf(createRelay({ store }))).toBe('storage/in-use')
  const other = await tempDir()
  expect(await codeOf(createRelay({ store: other, port: Number(new URL(first.url).port) }))).toBe(
    'transport/unreachable',
  )
  await relay({ store: other })
})

test.each(['memory', 'sqlite'] as const)(
  'a test relay on %s comes back on its port with what it held',
  async (store) => {
    await using at = await startTestRelay({ store })
    const { client: alice, topic } = await member(at, 2)
    await at.stop()
    await alice.closed
    await at.start()
    const again = await client(at)
    expect(toHex(again.welcome.relayKey)).toBe(toHex(at.relayKey))
    await again.prove('topic', topic.id, topic.seed(0))
    expect((await again.request('topic.head', { topic: topic.id })).seq).toBe(2)
  },
)
