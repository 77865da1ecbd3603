import { describe, expect, test } from 'vitest'
import { DchatError } from '../../src/errors.ts'
import { FRAME_LIMIT } from '../../src/protocol/wire/frames.ts'
import { HandClock } from '../support/clocks.ts'
import { coded, HEAD, linkTo, relayWith, until } from './support.ts'
import { refuse, TOPIC } from './test-relay.ts'

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
