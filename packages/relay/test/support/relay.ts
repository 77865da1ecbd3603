import { onTestFinished } from 'vitest'
import { createRelay, type Relay, type RelayOptions } from '../../src/index.ts'
import { TestClient } from './client.ts'
import { testClock, testCrypto } from './crypto.ts'
import { type TestTopic, testTopic } from './topic.ts'

/** A relay on loopback that closes with the test. */
export const relay = async (options: RelayOptions = {}): Promise<Relay> => {
  const started = await createRelay({ crypto: testCrypto, clock: testClock(), drainPatience: 1_000, ...options })
  onTestFinished(() => started.close())
  return started
}

export const client = async ({ url }: { url: string }, from?: string): Promise<TestClient> => {
  const connected = await TestClient.connect(url, from === undefined ? {} : { from })
  onTestFinished(() => connected.close())
  return connected
}

/** A client that has opened a topic with some messages. */
export const member = async (at: { url: string }, messages = 0): Promise<{ client: TestClient; topic: TestTopic }> => {
  const connected = await client(at)
  const topic = await testTopic()
  await connected.prove('topic', topic.id, topic.seed(0))
  const entries = Array.from({ length: messages }, (_, index) => topic.message(0, `message ${index + 1}`))
  await connected.request('topic.publish', { topic: topic.id, create: await topic.create(), entries })
  return { client: connected, topic }
}

/** The code that a promise rejects with. */
export const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    (error: { code?: unknown; message?: string }) => error.code ?? error.message,
  )
