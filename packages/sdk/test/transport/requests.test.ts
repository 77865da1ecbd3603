import { describe, expect, test } from 'vitest'
import { FRAME_LIMIT } from '../../src/protocol/wire/frames.ts'
import { HandClock } from '../support/clocks.ts'
import { coded, HEAD, linkTo, relayWith } from './support.ts'
import { TOPIC } from './test-relay.ts'

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
