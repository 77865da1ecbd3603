import { describe, expect, test } from 'vitest'
import { NodeWebSocket } from '../../src/adapters/transport/node-websocket.ts'
import { webSocketTransport } from '../../src/adapters/transport/websocket.ts'
import type { Proof } from '../../src/ports/transport.ts'
import type { RelayUrl } from '../../src/records/ids.ts'
import { realClock } from '../support/clocks.ts'
import { testCrypto } from '../support/crypto.ts'
import { coded, linkTo, relayWith } from './support.ts'
import { TOPIC } from './test-relay.ts'

const SEED = new Uint8Array(32).fill(5)
const topicProof = async (): Promise<Proof> => ({
  kind: 'topic',
  subject: TOPIC,
  publicKey: await testCrypto.ed25519.publicKey(SEED),
  sign: (message) => testCrypto.ed25519.sign(SEED, message),
})

describe('proofs', () => {
  test('are shown once, repeated on every connection, and always before the subscriptions', async () => {
    const relay = await relayWith()
    const link = linkTo(relay.url)
    const proof = await topicProof()
    await link.prove(proof)
    await link.prove(proof)
    const items = link.subscribe('topic', { topic: TOPIC, after: 0 })[Symbol.asyncIterator]()
    void items.next()
    await (await relay.peer(0)).frame('subscribe')
    expect((await relay.peer(0)).of('request')).toHaveLength(1)
    relay.peers[0]?.socket.terminate()
    const second = await relay.peer(1)
    await second.frame('subscribe')
    expect(second.frames.map(({ type }) => type)).toEqual(['hello', 'request', 'subscribe'])
  })

  test('of a key that does not fit is rejected and not repeated', async () => {
    const relay = await relayWith()
    const link = linkTo(relay.url)
    const proof: Proof = { ...(await topicProof()), sign: async () => new Uint8Array(64) }
    await expect(link.prove(proof)).rejects.toEqual(coded('crypto/bad-signature'))
    relay.peers[0]?.socket.terminate()
    const second = await relay.peer(1)
    link.request('relay.info', {}).catch(() => undefined)
    await second.frame('request')
    expect(second.of('request').map(({ method }) => method)).toEqual(['relay.info'])
  })

  test('that were asked for while the connection was lost are shown on the next one', async () => {
    const relay = await relayWith({
      greet: (peer, _, welcome) => (relay.peers.length === 1 ? peer.socket.terminate() : peer.send(welcome)),
    })
    const link = linkTo(relay.url)
    await link.prove(await topicProof())
    expect(relay.peers).toHaveLength(2)
  })
})

describe('close', () => {
  test('ends everything: waiting callers, requests, subscriptions, states', async () => {
    const relay = await relayWith()
    const link = linkTo(relay.url)
    await link.ready()
    const asked = link.request('topic.head', { topic: TOPIC })
    const outcome = expect(asked).rejects.toEqual(coded('usage/closed'))
    const items = link.subscribe('topic', { topic: TOPIC, after: 0 })[Symbol.asyncIterator]()
    const pending = items.next()
    await (await relay.peer()).frame('subscribe')
    await link.close()
    await outcome
    expect(await pending).toEqual({ value: undefined, done: true })
    expect(link.state).toEqual({ state: 'closed' })
    await expect(link.ready()).rejects.toEqual(coded('usage/closed'))
    await expect(link.request('relay.info', {})).rejects.toEqual(coded('usage/closed'))
    await expect(link.prove(await topicProof())).rejects.toEqual(coded('usage/closed'))
    expect(await link.subscribe('topic', { topic: TOPIC, after: 0 })[Symbol.asyncIterator]().next()).toMatchObject({
      done: true,
    })
    await link.close()
  })

  test('while connecting leaves nothing behind', async () => {
    const relay = await relayWith()
    const link = linkTo(relay.url)
    const ready = expect(link.ready()).rejects.toEqual(coded('usage/closed'))
    await link.close()
    await ready
  })

  test('a transport hands out one link per relay, and a new one after it was closed', async () => {
    const transport = webSocketTransport({
      WebSocket: NodeWebSocket,
      clock: realClock,
      random: { bytes: testCrypto.random },
      crypto: testCrypto,
    })
    const url = 'ws://127.0.0.1:9' as RelayUrl
    const link = transport.link(url)
    expect(transport.link(url)).toBe(link)
    await link.close()
    expect(transport.link(url)).not.toBe(link)
  })
})
