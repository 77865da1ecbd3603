import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { NodeWebSocket } from '../../src/adapters/transport/node-websocket.ts'
import { type WebSocketTransportOptions, webSocketTransport } from '../../src/adapters/transport/websocket.ts'
import { DchatError } from '../../src/errors.ts'
import type { LinkState, Proof, RelayLink } from '../../src/ports/transport.ts'
import { FRAME_LIMIT, type Frame } from '../../src/protocol/wire/frames.ts'
import type { RelayUrl } from '../../src/records/ids.ts'
import { HandClock, realClock } from '../support/clocks.ts'
import { testCrypto } from '../support/crypto.ts'
import { entryAt, refuse, servesTopic, type TestRelay, type TestRelayOptions, TOPIC, testRelay } from './test-relay.ts'

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource.close()
})

const relayWith = async (options: TestRelayOptions = {}): Promise<TestRelay> => {
  const relay = await testRelay(options)
  open.push(relay)
  return relay
}

const linkTo = (url: RelayUrl, options: Partial<WebSocketTransportOptions> = {}): RelayLink => {
  const transport = webSocketTransport({
    WebSocket: NodeWebSocket,
    clock: realClock,
    random: { bytes: testCrypto.random },
    crypto: testCrypto,
    backoff: { base: 2, cap: 20 },
    ...options,
  })
  const link = transport.link(url)
  open.push(link)
  return link
}

const until = async (link: RelayLink, wanted: LinkState['state']): Promise<LinkState> => {
  for await (const state of link.states()) if (state.state === wanted) return state
  throw new Error(`the link never was ${wanted}`)
}

const coded = (code: string, details: object = {}) =>
  expect.objectContaining({ code, details: expect.objectContaining(details) })

const SEED = new Uint8Array(32).fill(5)
const topicProof = async (subject = TOPIC): Promise<Proof> => ({
  kind: 'topic',
  subject,
  publicKey: await testCrypto.ed25519.publicKey(SEED),
  sign: (message) => testCrypto.ed25519.sign(SEED, message),
})

const HEAD = { seq: 3, head: new Uint8Array(32), epoch: 1, time: 5 }

describe('hello', () => {
  test('a verified welcome makes the link ready, with the relay key in its state', async () => {
    const relay = await relayWith()
    const link = linkTo(relay.url)
    expect(link.state).toEqual({ state: 'idle' })
    const seen: string[] = []
    const watching = (async () => {
      for await (const { state } of link.states()) seen.push(state)
    })()
    await link.ready({ timeout: 10_000 })
    expect(link.state).toEqual({ state: 'ready', relayKey: relay.relayKey, version: 1 })
    await link.close()
    await watching
    expect(seen).toEqual(['idle', 'connecting', 'ready', 'closed'])
  })

  test('a relay that does not hold the key it names is refused', async () => {
    const relay = await relayWith({
      greet: (peer, _, welcome) => peer.send({ ...welcome, signature: new Uint8Array(64) }),
    })
    await expect(linkTo(relay.url).ready()).rejects.toEqual(coded('crypto/bad-signature'))
  })

  test('a signature for another nonce is refused', async () => {
    const welcomes: Frame[] = []
    const relay = await relayWith({
      greet: (peer, _, welcome) => {
        welcomes.push(welcome)
        peer.send(welcomes[0] as Frame)
      },
    })
    await linkTo(relay.url).ready()
    await expect(linkTo(relay.url).ready()).rejects.toEqual(coded('crypto/bad-signature'))
  })

  test('versions that do not meet end in a typed error, told by the relay or seen in its welcome', async () => {
    const telling = await relayWith({
      greet: (peer, { versions }) =>
        refuse(peer, 0, new DchatError('protocol/unsupported-version', { found: versions, supported: [9] })),
    })
    await expect(linkTo(telling.url).ready()).rejects.toEqual(coded('protocol/unsupported-version', { supported: [9] }))
    const deaf = await relayWith({ greet: (peer, _, welcome) => peer.send({ ...welcome, version: 9 }) })
    const link = linkTo(deaf.url)
    await expect(link.request('relay.info', {})).rejects.toEqual(coded('protocol/unsupported-version', { found: [9] }))
    expect(link.state.state).toBe('waiting')
  })

  test('a link that was refused goes on trying and becomes ready once the relay has learned', async () => {
    let refusals = 2
    const relay = await relayWith({
      greet: (peer, _, welcome) => peer.send(refusals-- > 0 ? { ...welcome, version: 9 } : welcome),
    })
    const link = linkTo(relay.url)
    await expect(link.ready()).rejects.toEqual(coded('protocol/unsupported-version'))
    await until(link, 'ready')
  })
})

describe('requests', () => {
  test('each answer finds its question, whatever the order', async () => {
    const held: (() => void)[] = []
    const relay = await relayWith({
      handle: (peer, frame) => {
        if (frame.type !== 'request') return
        const { id } = frame.params as { id: Uint8Array }
        held.push(() => peer.send({ type: 'result', id: frame.id, result: { body: id } }))
        if (held.length === 20) for (const send of held.reverse()) send()
      },
    })
    const link = linkTo(relay.url)
    const ids = Array.from({ length: 20 }, (_, i) => new Uint8Array(16).fill(i))
    const answers = await Promise.all(ids.map((id) => link.request('blob.get', { id })))
    expect(answers.map(({ body }) => body)).toEqual(ids)
  })

  test('errors of the relay are typed; unknown ones and results of a wrong shape are, too', async () => {
    const answers = [
      { code: 'relay/wrong-epoch', details: { topic: 'aa', epoch: 4 } },
      { code: 'transport/rate-limited', details: { retryAfter: 250 } },
      { code: 'transport/rejected', details: { relay: 'a name of its own', reason: 'no' } },
      { code: 'storage/corrupt', details: { store: 'x', reason: 'y' } },
      { code: 'relay/wrong-epoch', details: { epoch: 'four' } },
      { code: 'constructor', details: null },
    ]
    const relay = await relayWith({
      handle: (peer, frame) => {
        if (frame.type !== 'request') return
        const error = answers.shift()
        peer.send(
          error ? { type: 'error', id: frame.id, ...error } : { type: 'result', id: frame.id, result: { seq: -1 } },
        )
      },
    })
    const link = linkTo(relay.url)
    const ask = () => link.request('topic.head', { topic: TOPIC })
    await expect(ask()).rejects.toEqual(coded('relay/wrong-epoch', { epoch: 4 }))
    await expect(ask()).rejects.toEqual(coded('transport/rate-limited', { retryAfter: 250 }))
    await expect(ask()).rejects.toEqual(coded('transport/rejected', { relay: relay.url, reason: 'no' }))
    for (let i = 0; i < 3; i++) await expect(ask()).rejects.toEqual(coded('transport/rejected', { relay: relay.url }))
    await expect(ask()).rejects.toEqual(coded('protocol/malformed'))
    expect(link.state.state).toBe('ready')
  })

  test('an aborted request is cancelled at the relay, keeps its reason, and a late answer harms nobody', async () => {
    const relay = await relayWith({
      handle: (peer, frame) => {
        if (frame.type === 'cancel') peer.send({ type: 'result', id: frame.id, result: HEAD })
        if (frame.type === 'request' && frame.method === 'relay.info')
          peer.send({ type: 'result', id: frame.id, result: { name: 'r', version: '1', time: 1, policy: 'open' } })
      },
    })
    const link = linkTo(relay.url)
    const reason = new Error('changed my mind')
    const controller = new AbortController()
    const asked = link.request('topic.head', { topic: TOPIC }, { signal: controller.signal })
    const peer = await relay.peer()
    const { id } = await peer.frame('request')
    controller.abort(reason)
    await expect(asked).rejects.toBe(reason)
    expect(await peer.frame('cancel')).toEqual({ type: 'cancel', id })
    expect(await link.request('relay.info', {})).toMatchObject({ name: 'r' })
    await expect(link.request('relay.info', {}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })

  test('no answer within the timeout is transport/unreachable, and the request is cancelled', async () => {
    const clock = new HandClock()
    const relay = await relayWith({ heartbeat: 600_000 })
    const link = linkTo(relay.url, { clock, heartbeat: 600_000 })
    const asked = link.request('topic.head', { topic: TOPIC }, { timeout: 5000 })
    const outcome = expect(asked).rejects.toEqual(
      coded('transport/unreachable', { reason: 'no answer within 5000 ms' }),
    )
    await (await relay.peer()).frame('request')
    await clock.advance(5000)
    await outcome
    await (await relay.peer()).frame('cancel')
    expect(link.state.state).toBe('ready')
  })

  test('a connection that is lost before the answer rejects, and the next request finds the new connection', async () => {
    const relay = await relayWith({
      handle: (peer, frame) => {
        if (relay.peers.length === 1) peer.socket.terminate()
        else if (frame.type === 'request') peer.send({ type: 'result', id: frame.id, result: HEAD })
      },
    })
    const link = linkTo(relay.url)
    const ask = () => link.request('topic.head', { topic: TOPIC })
    await expect(ask()).rejects.toEqual(coded('transport/unreachable', { relay: relay.url }))
    expect(await ask()).toEqual(HEAD)
  })

  test('a request over the frame limit is refused here and costs no connection', async () => {
    const relay = await relayWith()
    const link = linkTo(relay.url)
    const body = new Uint8Array(FRAME_LIMIT)
    const tooLarge = link.request('signal.send', { topic: TOPIC, body })
    await expect(tooLarge).rejects.toEqual(coded('protocol/too-large', { limit: FRAME_LIMIT }))
    expect(link.state.state).toBe('ready')
  })
})

describe('a relay that is not there', () => {
  test('ready gives up after its timeout with the reason; the link goes on and finds the relay later', async () => {
    const first = await testRelay()
    const { port, url } = first
    await first.close()
    const link = linkTo(url)
    await expect(link.ready({ timeout: 200 })).rejects.toEqual(
      coded('transport/unreachable', { relay: url, reason: 'nothing listens there' }),
    )
    const patient = link.ready()
    await relayWith({ port })
    await patient
    expect(link.state.state).toBe('ready')
  })

  test('a relay that accepts and says nothing is given up', async () => {
    const clock = new HandClock()
    const relay = await relayWith({ greet: () => undefined })
    const link = linkTo(relay.url, { clock, connectTimeout: 1000 })
    const waiting = until(link, 'waiting')
    link.ready().catch(() => undefined)
    await (await relay.peer()).frame('hello')
    await clock.advance(1000)
    expect(await waiting).toMatchObject({ reason: 'it does not answer' })
  })

  test('a URL that cannot be opened is told at once', async () => {
    await expect(linkTo('no url' as RelayUrl).ready()).rejects.toEqual(coded('transport/unreachable'))
  })
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
    await link.request('relay.info', {}, { signal: AbortSignal.timeout(300) }).catch(() => undefined)
    expect((await relay.peer(1)).of('request').filter(({ method }) => method === 'link.prove')).toEqual([])
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

describe('subscriptions', () => {
  test('resume without loss or repetition, wherever the connection breaks', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }), async (cuts) => {
        const relay = await testRelay({ handle: servesTopic(100, (nth) => cuts[nth] ?? Number.POSITIVE_INFINITY) })
        const link = linkTo(relay.url)
        const seen: number[] = []
        for await (const { receipt } of link.subscribe('topic', { topic: TOPIC, after: 3 })) {
          seen.push(receipt.seq)
          if (receipt.seq === 100) break
        }
        expect(seen).toEqual(Array.from({ length: 97 }, (_, i) => i + 4))
        await link.close()
        await relay.close()
      }),
      { numRuns: 12 },
    )
  })

  test('items that the relay repeats are not handed out twice', async () => {
    const relay = await relayWith({
      handle: (peer, frame) => {
        if (frame.type === 'subscribe')
          for (const seq of [1, 2, 2, 1, 3]) peer.send({ type: 'item', id: frame.id, item: entryAt(seq) })
      },
    })
    const seen: number[] = []
    for await (const { receipt } of linkTo(relay.url).subscribe('topic', { topic: TOPIC, after: 0 })) {
      seen.push(receipt.seq)
      if (receipt.seq === 3) break
    }
    expect(seen).toEqual([1, 2, 3])
  })

  test('nothing is sent beyond what was consumed plus the window', async () => {
    const relay = await relayWith({ window: 4, handle: servesTopic(100, () => Number.POSITIVE_INFINITY) })
    const items = linkTo(relay.url).subscribe('topic', { topic: TOPIC, after: 0 })[Symbol.asyncIterator]()
    const peer = await (async () => {
      expect((await items.next()).value?.receipt.seq).toBe(1)
      return relay.peer()
    })()
    expect(await peer.frame('subscribe')).toMatchObject({ credit: 4 })
    expect(peer.of('credit')).toEqual([])
    await items.next()
    expect(await peer.frame('credit')).toMatchObject({ credit: 2 })
    for (let i = 0; i < 40; i++) await items.next()
    const given = () => peer.of('credit').reduce((sum, { credit }) => sum + credit, 0)
    await peer.frame('credit', 20)
    expect(given()).toBe(42)
  })

  test('a relay that exceeds its credit loses the connection', async () => {
    const relay = await relayWith({
      window: 2,
      handle: (peer, frame) => {
        if (frame.type === 'subscribe' && relay.peers.length === 1)
          for (let seq = 1; seq <= 5; seq++) peer.send({ type: 'item', id: frame.id, item: entryAt(seq + 10) })
      },
    })
    const link = linkTo(relay.url)
    const items = link.subscribe('topic', { topic: TOPIC, after: 10 })[Symbol.asyncIterator]()
    void items.next()
    expect(await until(link, 'waiting')).toMatchObject({ reason: 'it does not speak this protocol' })
    expect(await (await relay.peer(1)).frame('subscribe')).toMatchObject({ params: { after: 11 } })
  })

  test('end with the error of the relay after what came before it, once', async () => {
    const relay = await relayWith({
      handle: (peer, frame) => {
        if (frame.type !== 'subscribe') return
        peer.send({ type: 'item', id: frame.id, item: entryAt(1) })
        peer.send({ type: 'end', id: frame.id, code: 'relay/not-permitted', details: { what: 'reading' } })
      },
    })
    const items = linkTo(relay.url).subscribe('topic', { topic: TOPIC, after: 0 })[Symbol.asyncIterator]()
    expect((await items.next()).value?.receipt.seq).toBe(1)
    await expect(items.next()).rejects.toEqual(coded('relay/not-permitted', { what: 'reading' }))
    expect(await items.next()).toEqual({ value: undefined, done: true })
  })

  test.each([
    ['of a wrong shape', { nothing: 1 }],
    ['of another topic', { ...entryAt(1), receipt: { ...entryAt(1).receipt, topic: new Uint8Array(32) } }],
  ])('an item %s ends the subscription, not the link', async (_, item) => {
    const relay = await relayWith({
      handle: (peer, frame) => {
        if (frame.type === 'subscribe') peer.send({ type: 'item', id: frame.id, item })
      },
    })
    const link = linkTo(relay.url)
    const items = link.subscribe('topic', { topic: TOPIC, after: 0 })[Symbol.asyncIterator]()
    await expect(items.next()).rejects.toEqual(coded('protocol/malformed'))
    await (await relay.peer()).frame('unsubscribe')
    expect(link.state.state).toBe('ready')
  })

  test('end with the reason of their signal, and when the consumer leaves; the relay is told', async () => {
    const relay = await relayWith({ handle: servesTopic(3, () => Number.POSITIVE_INFINITY) })
    const link = linkTo(relay.url)
    const controller = new AbortController()
    const reason = new Error('enough')
    const aborted = (async () => {
      for await (const { receipt } of link.subscribe(
        'topic',
        { topic: TOPIC, after: 0 },
        { signal: controller.signal },
      ))
        if (receipt.seq === 3) controller.abort(reason)
    })()
    await expect(aborted).rejects.toBe(reason)
    await (await relay.peer()).frame('unsubscribe')
    const items = link.subscribe('topic', { topic: TOPIC, after: 3 })[Symbol.asyncIterator]()
    const pending = items.next()
    await (await relay.peer()).frame('subscribe', 1)
    await items.return?.()
    expect(await pending).toEqual({ value: undefined, done: true })
    await (await relay.peer()).frame('unsubscribe', 1)
  })
})

describe('a connection that goes wrong', () => {
  test('half-open: silence is asked about, then given up, and the link comes back', async () => {
    const clock = new HandClock()
    const relay = await relayWith({ heartbeat: 10_000 })
    const link = linkTo(relay.url, { clock })
    await link.ready()
    const peer = await relay.peer()
    await clock.advance(10_000)
    await peer.frame('ping')
    await expect.poll(() => link.state.state).toBe('ready')
    peer.mute = true
    const waiting = until(link, 'waiting')
    await clock.advance(40_000)
    expect(await waiting).toMatchObject({ reason: 'it does not answer any more' })
    await clock.advance(1000)
    await link.ready()
  })

  test('the relay pings, the link answers', async () => {
    const relay = await relayWith()
    await linkTo(relay.url).ready()
    const peer = await relay.peer()
    peer.send({ type: 'ping', nonce: 77 })
    expect(await peer.frame('pong')).toEqual({ type: 'pong', nonce: 77 })
  })

  test('goodbye: answers on their way still arrive, and the link stays away for as long as it was asked to', async () => {
    const clock = new HandClock()
    const relay = await relayWith()
    const link = linkTo(relay.url, { clock })
    await link.ready()
    const peer = await relay.peer()
    const asked = link.request('topic.head', { topic: TOPIC })
    const { id } = await peer.frame('request')
    peer.send({ type: 'goodbye', reason: 'restart', retryAfter: 3000 })
    const state = await until(link, 'waiting')
    expect(state).toMatchObject({ reason: 'restart' })
    expect((state as { retryAt: number }).retryAt).toBeGreaterThanOrEqual(clock.now() + 3000)
    peer.send({ type: 'result', id, result: HEAD })
    expect(await asked).toEqual(HEAD)
    peer.socket.close()
    await clock.advance(2999)
    expect(link.state.state).toBe('waiting')
    expect(relay.peers).toHaveLength(1)
    await clock.advance(100)
    await link.ready()
    expect(relay.peers).toHaveLength(2)
  })

  test.each<[string, (socket: { send(data: string | Uint8Array): void }) => void, string]>([
    ['garbage', (socket) => socket.send(new Uint8Array([1, 2, 3, 255])), 'it does not speak this protocol'],
    ['text', (socket) => socket.send('hello'), 'it does not speak this protocol'],
    [
      'a frame of a client',
      (socket) => socket.send(new Uint8Array([0x82, 0x0d, 0x01])),
      'it does not speak this protocol',
    ],
    [
      'a frame that is too large',
      (socket) => socket.send(new Uint8Array(FRAME_LIMIT + 1)),
      'it sent a frame that is too large',
    ],
  ])('%s costs the relay its connection, and the link comes back', async (_, send, reason) => {
    const relay = await relayWith()
    const link = linkTo(relay.url)
    await link.ready()
    const waiting = until(link, 'waiting')
    send((await relay.peer()).socket)
    expect(await waiting).toMatchObject({ reason })
    await link.ready()
    expect(relay.peers).toHaveLength(2)
  })
})

describe('an error about the connection', () => {
  test('after the welcome is no refusal: callers wait for the next connection', async () => {
    const relay = await relayWith({
      handle: (peer, frame) => {
        if (frame.type !== 'request') return
        if (relay.peers.length === 1)
          refuse(peer, 0, new DchatError('protocol/malformed', { format: 'frame', reason: 'x' }))
        else peer.send({ type: 'result', id: frame.id, result: HEAD })
      },
    })
    const link = linkTo(relay.url)
    const ask = () => link.request('topic.head', { topic: TOPIC })
    await expect(ask()).rejects.toEqual(coded('transport/unreachable'))
    expect(await ask()).toEqual(HEAD)
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
