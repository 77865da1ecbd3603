import { linkProofBytes, WIRE_VERSIONS } from '@dchat/sdk/wire'
import { expect, test } from 'vitest'
import { TestClient } from '../support/client.ts'
import { testClock, testCrypto } from '../support/crypto.ts'
import { client, codeOf, relay } from '../support/relay.ts'
import { testTopic } from '../support/topic.ts'

const nonce = new Uint8Array(32)

test('without a common version the client is told which ones there are, and the link closes', async () => {
  const { url } = await relay()
  const raw = await TestClient.raw(url)
  raw.send({ type: 'hello', versions: [77], agent: 'test', nonce })
  const error = await raw.frame(({ type }) => type === 'error')
  expect(error).toMatchObject({
    id: 0,
    code: 'protocol/unsupported-version',
    details: { found: [77], supported: [...WIRE_VERSIONS] },
  })
  expect(await raw.closed).toBe(1002)
})

test('nothing is answered before the hello, and a second hello is a fault', async () => {
  const { url } = await relay()
  const raw = await TestClient.raw(url)
  raw.send({ type: 'request', id: 1, method: 'relay.info', params: {} })
  expect(await raw.frame(({ type }) => type === 'error')).toMatchObject({ id: 0, code: 'protocol/malformed' })
  await raw.closed
  const twice = await client({ url })
  twice.send({ type: 'hello', versions: WIRE_VERSIONS, agent: 'test', nonce })
  expect(await twice.closed).toBe(1002)
})

test('a proof is bound to its connection, key and subject', async () => {
  const at = await relay()
  const topic = await testTopic()
  const [alice, bob] = [await client(at), await client(at)]
  const publicKey = await topic.key(0)
  const sign = async (challenge: Uint8Array, subject: Uint8Array) => {
    return testCrypto.ed25519.sign(topic.seed(0), linkProofBytes(at.relayKey, challenge, 'topic', subject))
  }
  const prove = (signature: Uint8Array, subject = topic.id) =>
    codeOf(alice.request('link.prove', { kind: 'topic', subject, publicKey, signature }))
  expect(await prove(await sign(bob.welcome.challenge, topic.id))).toBe('crypto/bad-signature')
  expect(await prove(await sign(alice.welcome.challenge, nonce))).toBe('crypto/bad-signature')
  expect(await prove(await sign(alice.welcome.challenge, topic.id))).toBe('no error')
  const device = { kind: 'device' as const, subject: topic.id, publicKey, signature: new Uint8Array(64) }
  expect(await codeOf(alice.request('link.prove', device))).toBe('relay/not-permitted')
})

test('who says no hello, or answers no ping, is disconnected; who answers stays', async () => {
  const clock = testClock()
  const at = await relay({ clock, heartbeat: 1_000, patience: 60_000 })
  const raw = await TestClient.raw(at.url)
  const live = await client(at)
  const dead = await client(at)
  dead.socket.removeAllListeners('message')
  clock.offset += 1_100
  await live.frame(({ type }) => type === 'ping')
  await live.request('relay.info', {})
  clock.offset += 950
  expect(await dead.closed).toBe(1006)
  expect(live.socket.readyState).toBe(live.socket.OPEN)
  clock.offset += 60_000
  expect(await raw.closed).toBe(1008)
})

test('a peer that the relay does not read is not taken for silent', async () => {
  const clock = testClock()
  const at = await relay({ clock, heartbeat: 1_000, patience: 60_000, limits: { inFlight: 1 } })
  const [busy, idle, other] = [await client(at), await client(at), await client(at)]
  idle.socket.removeAllListeners('message')
  // It waits for somebody who never comes, and nothing more is read of this connection.
  const waits = { slot: testCrypto.random(16), side: 'new', index: 0, wait: 30_000 } as const
  busy.request('rendezvous.get', waits).catch(() => undefined)
  await other.request('relay.info', {})
  clock.offset += 2_100
  expect(await idle.closed).toBe(1006)
  expect(busy.socket.readyState).toBe(busy.socket.OPEN)
  busy.socket.terminate()
})

test('pings are answered, unknown methods and malformed parameters are typed errors that leave the link open', async () => {
  const at = await relay()
  const alice = await client(at)
  alice.send({ type: 'ping', nonce: 42 })
  await alice.frame((frame) => frame.type === 'pong' && frame.nonce === 42)
  expect(await codeOf(alice.request('no.such' as 'relay.info', {}))).toBe('protocol/malformed')
  expect(await codeOf(alice.request('topic.read', { topic: nonce.subarray(1), after: 0, limit: 1 }))).toBe(
    'protocol/malformed',
  )
  expect(await codeOf(alice.request('identity.get', {}))).toBe('protocol/malformed')
  expect(await alice.request('relay.info', {})).toMatchObject({ policy: 'open', version: '0.1.0' })
})

test('a cancelled request is not answered, and a request id in use is a fault', async () => {
  const at = await relay()
  const alice = await client(at)
  alice.send({ type: 'request', id: 900, method: 'relay.info', params: {} })
  alice.send({ type: 'cancel', id: 900 })
  await alice.request('relay.info', {})
  expect(alice.frames.some((frame) => frame.type === 'result' && frame.id === 900)).toBe(false)
  const topic = await testTopic()
  for (let i = 0; i < 2; i++)
    alice.send({ type: 'request', id: 901, method: 'topic.publish', params: { topic: topic.id, entries: [] } })
  expect(await alice.closed).toBe(1002)
})
