import { encodeCbor, FRAME_LIMIT, SUCCESSOR_BYTES, SUCCESSOR_LIMIT, SUCCESSOR_PAGE_LIMIT, toHex } from '@dchat/sdk/wire'
import { describe, expect, test } from 'vitest'
import type { TestClient } from '../support/client.ts'
import { testClock, testCrypto } from '../support/crypto.ts'
import { client, codeOf, member, relay } from '../support/relay.ts'
import { tempDir } from '../support/temp.ts'
import { type TestTopic, testTopic } from '../support/topic.ts'

const announcement = (topic: TestTopic, body = testCrypto.random(40), reference = testCrypto.random(16)) => ({
  topic: topic.id,
  reference,
  body,
})

const put = (who: TestClient, topic: TestTopic, ...rest: [body?: Uint8Array, reference?: Uint8Array]) =>
  who.request('successor.put', announcement(topic, ...rest))

const list = async (who: TestClient, topic: TestTopic, after = 0, limit = SUCCESSOR_PAGE_LIMIT) =>
  (await who.request('successor.list', { topic: topic.id, after, limit })).items

/** A topic at epoch 2 that somebody was removed from at the end of epoch 1, and a connection that shows an old key. */
const afterRemoval = async (at: { url: string }) => {
  const { client: alice, topic } = await member(at, 1)
  await alice.request('topic.publish', { topic: topic.id, entries: [await topic.commit(0)] })
  await alice.prove('topic', topic.id, topic.seed(1))
  await alice.request('topic.publish', { topic: topic.id, entries: [await topic.commit(1, { removes: true })] })
  await alice.prove('topic', topic.id, topic.seed(2))
  const removed = await client(at)
  await removed.prove('topic', topic.id, topic.seed(0))
  return { alice, topic, removed }
}

describe.each(['memory', 'sqlite'])('the successor list on the %s store', (kind) => {
  const start = async (limits = {}) => relay({ limits, ...(kind === 'sqlite' ? { store: await tempDir() } : {}) })

  test('is read by others in the order in which it was written, and a repetition changes nothing', async () => {
    const clock = testClock()
    const at = await relay({ clock, ...(kind === 'sqlite' ? { store: await tempDir() } : {}) })
    const { client: alice, topic } = await member(at, 1)
    const first = announcement(topic)
    expect(await alice.request('successor.put', first)).toEqual({ seq: 1 })
    expect(await put(alice, topic)).toEqual({ seq: 2 })
    clock.offset += 60_000
    expect(await alice.request('successor.put', first)).toEqual({ seq: 1 })
    const bob = await client(at)
    await bob.prove('topic', topic.id, topic.seed(0))
    const items = await list(bob, topic)
    expect(items.map(({ seq }) => seq)).toEqual([1, 2])
    expect(items[0]).toMatchObject({ reference: first.reference, body: first.body })
    expect(items[0]?.time).toBeLessThan(clock.now() - 50_000)
    expect((await list(bob, topic, 1)).map(({ seq }) => seq)).toEqual([2])
    expect(await list(bob, topic, 2)).toEqual([])
    // The log itself knows nothing of it.
    expect((await bob.request('topic.head', { topic: topic.id })).seq).toBe(1)
  })

  test('opens to every key that the topic ever had, also beyond a removal, and to nothing else', async () => {
    const at = await start()
    const { alice, topic, removed } = await afterRemoval(at)
    expect(await put(removed, topic)).toEqual({ seq: 1 })
    expect(await put(alice, topic)).toEqual({ seq: 2 })
    expect((await list(removed, topic)).map(({ seq }) => seq)).toEqual([1, 2])
    const stranger = await client(at)
    const attempts = () => Promise.all([codeOf(put(stranger, topic)), codeOf(list(stranger, topic))])
    expect(await attempts()).toEqual(['relay/not-permitted', 'relay/not-permitted'])
    const other = await member(at, 1)
    await stranger.prove('topic', other.topic.id, other.topic.seed(0))
    await stranger.prove('device', await testCrypto.ed25519.publicKey(topic.seed(0)), topic.seed(0))
    expect(await attempts()).toEqual(['relay/not-permitted', 'relay/not-permitted'])
    expect(await list(alice, topic)).toHaveLength(2)
  })

  test('a topic that is not there has none, also for who has shown a key before it is opened', async () => {
    const at = await start()
    const topic = await testTopic()
    const alice = await client(at)
    await alice.prove('topic', topic.id, topic.seed(0))
    await alice.prove('topic', topic.id, topic.seed(9))
    const attempts = () => Promise.all([codeOf(put(alice, topic)), codeOf(list(alice, topic))])
    expect(await attempts()).toEqual(['relay/unknown-topic', 'relay/unknown-topic'])
    const opened = alice.request('topic.publish', { topic: topic.id, create: await topic.create(), entries: [] })
    // In the same turn as the topic: the order of one client's writes holds.
    const at1 = put(alice, topic)
    await opened
    expect(await at1).toEqual({ seq: 1 })
    const early = await testTopic()
    const mallory = await client(at)
    await mallory.prove('topic', early.id, testCrypto.random(32))
    const owner = await client(at)
    await owner.prove('topic', early.id, early.seed(0))
    await owner.request('topic.publish', { topic: early.id, create: await early.create(), entries: [] })
    expect(await codeOf(put(mallory, early))).toBe('relay/not-permitted')
    expect(await codeOf(list(mallory, early))).toBe('relay/not-permitted')
  })

  test('holds 64 items; beyond it nothing new, but what it holds is still answered', async () => {
    const at = await start()
    const { client: alice, topic } = await member(at, 1)
    const first = announcement(topic)
    await alice.request('successor.put', first)
    const codes = await Promise.all(Array.from({ length: SUCCESSOR_LIMIT + 9 }, () => codeOf(put(alice, topic))))
    expect(codes.filter((code) => code === 'no error')).toHaveLength(SUCCESSOR_LIMIT - 1)
    expect(codes.filter((code) => code === 'relay/quota')).toHaveLength(10)
    expect(await alice.request('successor.put', first)).toEqual({ seq: 1 })
    const seen: number[] = []
    for (let page = await list(alice, topic); page.length > 0; page = await list(alice, topic, seen.at(-1)))
      seen.push(...page.map(({ seq }) => seq))
    expect(seen).toEqual(Array.from({ length: SUCCESSOR_LIMIT }, (_, index) => index + 1))
    expect(
      (await alice.request('topic.publish', { topic: topic.id, entries: [topic.message(0)] })).receipts,
    ).toHaveLength(1)
  })

  test('who was removed cannot close the list to those who stayed', async () => {
    const at = await start({ successors: 8 })
    const { alice, topic, removed } = await afterRemoval(at)
    const second = await client(at)
    await second.prove('topic', topic.id, topic.seed(0))
    const both = Array.from({ length: 20 }, (_, index) => codeOf(put(index % 2 === 0 ? removed : second, topic)))
    expect((await Promise.all(both)).filter((code) => code === 'no error')).toHaveLength(4)
    const before = await client(at)
    await before.prove('topic', topic.id, topic.seed(1))
    expect(await put(before, topic)).toEqual({ seq: 5 })
    expect(await put(before, topic)).toEqual({ seq: 6 })
    expect(await codeOf(put(before, topic))).toBe('relay/quota')
    expect(await put(alice, topic)).toEqual({ seq: 7 })
    expect(await put(alice, topic)).toEqual({ seq: 8 })
    expect(await codeOf(put(alice, topic))).toBe('relay/quota')
  })

  test('a page of the largest announcements fits into a frame and holds at least one', async () => {
    const at = await start()
    const { client: alice, topic } = await member(at, 1)
    const bodies = Array.from({ length: 5 }, () => testCrypto.random(SUCCESSOR_BYTES))
    for (const body of bodies) await put(alice, topic, body)
    const seen: Uint8Array[] = []
    for (let page = await list(alice, topic); page.length > 0; page = await list(alice, topic, page.at(-1)?.seq)) {
      expect(encodeCbor(page as never).length).toBeLessThan(FRAME_LIMIT)
      seen.push(...page.map(({ body }) => body))
    }
    expect(seen.map(toHex)).toEqual(bodies.map(toHex))
    expect(await codeOf(put(alice, topic, testCrypto.random(SUCCESSOR_BYTES + 1)))).toBe('protocol/malformed')
    expect(await codeOf(put(alice, topic, new Uint8Array()))).toBe('protocol/malformed')
    expect(await codeOf(list(alice, topic, 0, SUCCESSOR_PAGE_LIMIT + 1))).toBe('protocol/malformed')
  })
})

test('the rate of the topic counts announcements', async () => {
  const at = await relay({ limits: { topic: { perSecond: 0.001, burst: 3 } } })
  const { client: alice, topic } = await member(at)
  expect(await put(alice, topic)).toEqual({ seq: 1 })
  expect(await put(alice, topic)).toEqual({ seq: 2 })
  expect(await codeOf(put(alice, topic))).toBe('transport/rate-limited')
  expect(await list(alice, topic)).toHaveLength(2)
})
