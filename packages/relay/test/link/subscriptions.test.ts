import { expect, test } from 'vitest'
import { client, codeOf, member, relay } from '../support/relay.ts'
import { testTopic } from '../support/topic.ts'

const seqs = (items: readonly { receipt: { seq: number } }[]) => items.map(({ receipt }) => receipt.seq)
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

test('a subscriber gets the backlog by credits, then what comes, once and in order, while others write', async () => {
  const at = await relay()
  const { client: alice, topic } = await member(at, 50)
  const bob = await client(at)
  await bob.prove('topic', topic.id, topic.seed(0))
  const feed = bob.subscribe('topic', { topic: topic.id, after: 0 }, 7)
  const writing = (async () => {
    for (let i = 0; i < 100; i++)
      await alice.request('topic.publish', { topic: topic.id, entries: [topic.message(0), topic.message(0)] })
  })()
  for (let got = 0; got < 250; ) {
    const items = await feed.count(Math.min(250, got + 7))
    feed.credit(items.length - got)
    got = items.length
  }
  await writing
  expect(seqs(feed.items)).toEqual(upTo(250))
})

test('never more items are sent than credit was given', async () => {
  const at = await relay()
  const { client: alice, topic } = await member(at, 30)
  const feed = alice.subscribe('topic', { topic: topic.id, after: 0 }, 10)
  await feed.count(10)
  await alice.request('topic.publish', { topic: topic.id, entries: [topic.message(0)] })
  await alice.request('relay.info', {})
  expect(seqs(feed.items)).toEqual(upTo(10))
  feed.credit(3)
  await feed.count(13)
  await alice.request('relay.info', {})
  expect(feed.items).toHaveLength(13)
})

test('after an unsubscribe nothing more comes, and the id may be used again', async () => {
  const at = await relay()
  const { client: alice, topic } = await member(at, 3)
  const feed = alice.subscribe('topic', { topic: topic.id, after: 0 })
  await feed.count(3)
  feed.stop()
  await alice.request('topic.publish', { topic: topic.id, entries: [topic.message(0)] })
  await alice.request('relay.info', {})
  expect(feed.items).toHaveLength(3)
  alice.send({ type: 'subscribe', id: feed.id, name: 'topic', params: { topic: topic.id, after: 3 }, credit: 5 })
  await feed.count(4)
})

test('a member goes on after a removal as soon as the next key is shown; who cannot show it gets a typed end', async () => {
  const at = await relay({ proofGrace: 300 })
  const { client: alice, topic } = await member(at, 1)
  const removed = await client(at)
  await removed.prove('topic', topic.id, topic.seed(0))
  const stays = alice.subscribe('topic', { topic: topic.id, after: 0 })
  const goes = removed.subscribe('topic', { topic: topic.id, after: 0 })
  await goes.count(1)
  await alice.request('topic.publish', { topic: topic.id, entries: [await topic.commit(0, { removes: true })] })
  await Promise.all([stays.count(2), goes.count(2)])
  await alice.prove('topic', topic.id, topic.seed(1))
  await alice.request('topic.publish', { topic: topic.id, entries: [topic.message(1, 'for those who stayed')] })
  await stays.count(3)
  expect(await goes.ended).toBe('relay/not-permitted')
  expect(seqs(goes.items)).toEqual([1, 2])
  await alice.request('topic.publish', { topic: topic.id, entries: [topic.message(1)] })
  await stays.count(4)
  const again = removed.subscribe('topic', { topic: topic.id, after: 2 })
  expect(await again.ended).toBe('relay/not-permitted')
  const past = removed.subscribe('topic', { topic: topic.id, after: 0 })
  expect(await past.ended).toBe('relay/not-permitted')
  expect(seqs(past.items)).toEqual([1, 2])
})

test('what follows a removal at once is not seen by the removed member, the removal itself is', async () => {
  const at = await relay({ proofGrace: 100 })
  const { client: alice, topic } = await member(at)
  const removed = await client(at)
  await removed.prove('topic', topic.id, topic.seed(0))
  const goes = removed.subscribe('topic', { topic: topic.id, after: 0 })
  const removal = await topic.commit(0, { removes: true })
  const publish = (entries: Parameters<typeof alice.request<'topic.publish'>>[1]['entries']) =>
    alice.request('topic.publish', { topic: topic.id, entries })
  await publish([removal])
  await alice.prove('topic', topic.id, topic.seed(1))
  await Promise.all([publish([topic.message(1)]), publish([await topic.commit(1)])])
  expect(await goes.ended).toBe('relay/not-permitted')
  expect(seqs(goes.items)).toEqual([1])
})

test('subscriptions that may not be are ended with their reason', async () => {
  const at = await relay({ limits: { subscriptions: 2 } })
  const { client: alice, topic } = await member(at, 1)
  const ended = (name: 'topic' | 'inbox' | 'signals', params: object) => alice.subscribe(name, params as never).ended
  const unknown = await testTopic()
  expect(await ended('topic', { topic: unknown.id, after: 0 })).toBe('relay/unknown-topic')
  expect(await ended('topic', { topic: topic.id })).toBe('protocol/malformed')
  expect(await ended('inbox', { device: unknown.id, after: 0 })).toBe('relay/not-permitted')
  const bob = await client(at)
  expect(await bob.subscribe('topic', { topic: topic.id, after: 0 }).ended).toBe('relay/not-permitted')
  expect(await bob.subscribe('signals', { topic: topic.id }).ended).toBe('relay/not-permitted')
  const [first, second] = [
    alice.subscribe('topic', { topic: topic.id, after: 0 }),
    alice.subscribe('signals', { topic: topic.id }),
  ]
  await first.count(1)
  expect(await ended('topic', { topic: topic.id, after: 0 })).toBe('relay/quota')
  second.stop()
  const third = alice.subscribe('topic', { topic: topic.id, after: 0 })
  await third.count(1)
})

test('signals reach the present members of now, never their sender, and are not stored', async () => {
  const at = await relay({ proofGrace: 0 })
  const { client: alice, topic } = await member(at)
  const [bob, carol] = [await client(at), await client(at)]
  for (const who of [bob, carol]) await who.prove('topic', topic.id, topic.seed(0))
  const [own, heard, removed] = [alice, bob, carol].map((who) => who.subscribe('signals', { topic: topic.id })) as [
    ReturnType<typeof alice.subscribe<'signals'>>,
    ReturnType<typeof alice.subscribe<'signals'>>,
    ReturnType<typeof alice.subscribe<'signals'>>,
  ]
  await Promise.all([alice, bob, carol].map((who) => who.request('relay.info', {})))
  expect(await alice.request('signal.send', { topic: topic.id, body: new Uint8Array([1]) })).toEqual({ reached: 2 })
  await Promise.all([heard.count(1), removed.count(1)])
  await alice.request('topic.publish', { topic: topic.id, entries: [await topic.commit(0, { removes: true })] })
  expect(await codeOf(alice.request('signal.send', { topic: topic.id, body: new Uint8Array([2]) }))).toBe(
    'relay/not-permitted',
  )
  for (const who of [alice, bob]) await who.prove('topic', topic.id, topic.seed(1))
  expect(await alice.request('signal.send', { topic: topic.id, body: new Uint8Array([2]) })).toEqual({ reached: 1 })
  await heard.count(2)
  expect(removed.items).toHaveLength(1)
  expect(own.items).toHaveLength(0)
  expect((await alice.request('topic.head', { topic: topic.id })).seq).toBe(1)
})

test('who gives no credit misses signals, and nobody else notices; what was missed does not come later', async () => {
  const at = await relay()
  const { client: alice, topic } = await member(at)
  const [slow, quick] = [await client(at), await client(at)]
  for (const who of [slow, quick]) await who.prove('topic', topic.id, topic.seed(0))
  const missing = slow.subscribe('signals', { topic: topic.id }, 2)
  const hearing = quick.subscribe('signals', { topic: topic.id }, 50)
  await Promise.all([slow, quick].map((who) => who.request('relay.info', {})))
  const send = async (n: number) =>
    (await alice.request('signal.send', { topic: topic.id, body: new Uint8Array([n]) })).reached
  const reached = []
  for (let n = 1; n <= 10; n++) reached.push(await send(n))
  expect(reached).toEqual([2, 2, 1, 1, 1, 1, 1, 1, 1, 1])
  await hearing.count(10)
  missing.credit(5)
  await slow.request('relay.info', {})
  expect(await send(11)).toBe(2)
  const said = ({ items }: { items: readonly { body: Uint8Array }[] }) => items.map(({ body }) => body[0])
  await Promise.all([missing.count(3), hearing.count(11)])
  expect(said(missing)).toEqual([1, 2, 11])
  expect(said(hearing)).toEqual(upTo(11))
})

test('signals that come faster than a connection may send them are refused, and say when to come again', async () => {
  const at = await relay({ limits: { signals: { perSecond: 1, burst: 3 } } })
  const { client: alice, topic } = await member(at)
  const send = () => codeOf(alice.request('signal.send', { topic: topic.id, body: new Uint8Array(1) }))
  const codes = []
  for (let n = 0; n < 5; n++) codes.push(await send())
  expect(codes.slice(0, 3)).not.toContain('transport/rate-limited')
  expect(codes).toContain('transport/rate-limited')
})
