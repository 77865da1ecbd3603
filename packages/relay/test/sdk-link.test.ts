import { type Entry, type EntryUpload, isDchatError, type RelayUrl } from '@dchat/sdk/wire'
import { expect, onTestFinished, test } from 'vitest'
import { NodeWebSocket } from '../../sdk/src/adapters/transport/node-websocket.ts'
import { webSocketTransport } from '../../sdk/src/adapters/transport/websocket.ts'
import type { RelayLink } from '../../sdk/src/ports/transport.ts'
import { startTestRelay } from '../src/testing.ts'
import { testClock, testCrypto } from './support/crypto.ts'
import { type TestTopic, testTopic } from './support/topic.ts'

const transport = webSocketTransport({
  WebSocket: NodeWebSocket,
  clock: testClock(),
  random: { bytes: testCrypto.random },
  crypto: testCrypto,
  backoff: { base: 5, cap: 50 },
})

const linkTo = (url: string): RelayLink => {
  const link = transport.link(url as RelayUrl)
  onTestFinished(() => link.close())
  return link
}

const prove = async (link: RelayLink, topic: TestTopic, epoch: number): Promise<void> =>
  link.prove({
    kind: 'topic',
    subject: topic.id,
    publicKey: await topic.key(epoch),
    sign: (message) => testCrypto.ed25519.sign(topic.seed(epoch), message),
  })

/** Repeats what is idempotent until it is through, as an outbox does. */
const insist = async <T>(work: () => Promise<T>): Promise<T> => {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!isDchatError(error) || !error.retryable) throw error
    }
  }
}

test('a thousand messages in batches of 64 over two restarts: each is there once, in order, and arrives once', async () => {
  await using relay = await startTestRelay({ store: 'sqlite', clock: testClock() })
  const [sender, receiver] = [linkTo(relay.url), linkTo(relay.url)]
  const topic = await testTopic()
  const create = await topic.create()
  await Promise.all([prove(sender, topic, 0), prove(receiver, topic, 0)])
  await sender.request('topic.publish', { topic: topic.id, create, entries: [] })
  const texts = Array.from({ length: 1_000 }, (_, index) => `message ${index}`)
  const entries: EntryUpload[] = texts.map((text) => topic.message(0, text))

  const received: Entry[] = []
  const receiving = (async () => {
    for await (const entry of receiver.subscribe('topic', { topic: topic.id, after: 0 })) {
      received.push(entry)
      if (received.length === entries.length) return
    }
  })()
  for (let from = 0; from < entries.length; from += 64) {
    if (from === 320 || from === 704) {
      await relay.stop()
      await relay.start()
    }
    const batch = entries.slice(from, from + 64)
    await insist(() => sender.request('topic.publish', { topic: topic.id, entries: batch }))
  }
  await receiving
  expect(received.map(({ receipt }) => receipt.seq)).toEqual(texts.map((_, index) => index + 1))
  expect(received.map(({ body }) => new TextDecoder().decode(body ?? undefined))).toEqual(texts)
})

test('a link that shows the next key after a removal goes on in the same subscription', async () => {
  await using relay = await startTestRelay({ clock: testClock() })
  const [sender, receiver] = [linkTo(relay.url), linkTo(relay.url)]
  const topic = await testTopic()
  await Promise.all([prove(sender, topic, 0), prove(receiver, topic, 0)])
  await sender.request('topic.publish', { topic: topic.id, create: await topic.create(), entries: [topic.message(0)] })
  const seen: string[] = []
  for await (const { receipt, epoch } of receiver.subscribe('topic', { topic: topic.id, after: 0 })) {
    seen.push(`${receipt.seq} ${receipt.kind} ${epoch}`)
    if (seen.length === 1) {
      await sender.request('topic.publish', { topic: topic.id, entries: [await topic.commit(0, { removes: true })] })
      await prove(sender, topic, 1)
      await sender.request('topic.publish', { topic: topic.id, entries: [topic.message(1)] })
    }
    if (receipt.kind === 'commit') await prove(receiver, topic, 1)
    if (seen.length === 3) break
  }
  expect(seen).toEqual(['1 application 0', '2 commit 0', '3 application 1'])
})
