import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Outgoing } from '../../src/adapters/transport/outgoing.ts'
import { Session, type SessionEvents } from '../../src/adapters/transport/session.ts'
import { openSocket } from '../../src/adapters/transport/socket.ts'
import { decodeFrame, encodeFrame } from '../../src/protocol/wire/frame-codec.ts'
import type { Frame } from '../../src/protocol/wire/frames.ts'
import { welcomeBytes } from '../../src/protocol/wire/proof.ts'
import type { RelayUrl } from '../../src/records/ids.ts'
import { HandClock } from '../support/clocks.ts'
import { testCrypto } from '../support/crypto.ts'
import { mutated } from '../support/mutation.ts'
import { fakeSockets } from './fake-socket.ts'
import { entryAt } from './test-relay.ts'

const SEED = new Uint8Array(32).fill(9)
const relayKey = await testCrypto.ed25519.publicKey(SEED)
const turn = () => new Promise((resolve) => setImmediate(resolve))

const silent: SessionEvents = {
  welcomed: () => undefined,
  lost: () => undefined,
  goodbye: () => undefined,
  item: () => undefined,
  end: () => undefined,
}

const begin = async (events: Partial<SessionEvents> = {}) => {
  const { WebSocket, last } = fakeSockets()
  const options = {
    relay: 'ws://relay' as RelayUrl,
    WebSocket,
    clock: new HandClock(),
    random: { bytes: testCrypto.random },
    crypto: testCrypto,
    agent: 'test',
    connectTimeout: 1000,
    heartbeat: 1000,
  }
  const session = new Session(options, { ...silent, ...events })
  const socket = last()
  socket.emit('open')
  await turn()
  const hello = decodeFrame(socket.sent[0] as Uint8Array) as Extract<Frame, { type: 'hello' }>
  const challenge = new Uint8Array(32)
  const welcome: Frame = {
    type: 'welcome',
    version: 1,
    relayKey,
    challenge,
    time: 1,
    heartbeat: 1000,
    window: 8,
    signature: await testCrypto.ed25519.sign(SEED, welcomeBytes(hello.nonce, challenge)),
  }
  return { session, socket, welcome }
}

const FRAMES: readonly Frame[] = [
  { type: 'result', id: 1, result: { seq: 1 } },
  { type: 'error', id: 1, code: 'relay/conflict', details: { what: 'x' } },
  { type: 'error', id: 0, code: 'relay/quota', details: { what: 'x', limit: 1 } },
  { type: 'item', id: 2, item: entryAt(1) },
  { type: 'end', id: 2, code: 'relay/conflict', details: { what: 'x' } },
  { type: 'ping', nonce: 1 },
  { type: 'goodbye', reason: 'x', retryAfter: 5 },
]

describe('a session', () => {
  test('lives through ten thousand mutated frames, before and after the welcome, without a stray error', async () => {
    const encoded = FRAMES.map(encodeFrame)
    const greeted = (await begin()).welcome
    const streams = fc.sample(
      fc.array(mutated([...encoded, encodeFrame(greeted)]), { minLength: 20, maxLength: 20 }),
      500,
    )
    let losses = 0
    for (const [index, frames] of streams.entries()) {
      const { session, socket, welcome } = await begin({ lost: () => losses++ })
      if (index % 2) {
        socket.receive(encodeFrame(welcome))
        await turn()
        expect(session.welcome).toBeDefined()
      }
      const asked = session.request(1, 'inbox.head', { device: relayKey }).then(
        () => 'answered',
        (error: { code: string }) => error.code,
      )
      for (const frame of frames) socket.receive(frame)
      await turn()
      session.cut()
      expect(await asked).toMatch(/^answered$|^(relay|transport|protocol)\//)
    }
    expect(losses).toBeGreaterThan(100)
  })

  test('answers a ping between welcome and verification', async () => {
    const { socket, welcome } = await begin()
    socket.receive(encodeFrame(welcome))
    socket.receive(encodeFrame({ type: 'ping', nonce: 5 }))
    await turn()
    expect(socket.sent.slice(1).map(decodeFrame)).toEqual([{ type: 'pong', nonce: 5 }])
    expect(socket.closed).toBe(false)
  })

  test('tells of its loss once, and nothing after it', async () => {
    const told: string[] = []
    const { socket, session } = await begin({ lost: (reason) => told.push(reason), item: () => told.push('item') })
    socket.emit('error', { error: { code: 'ECONNRESET' } })
    socket.emit('close', { code: 1006 })
    socket.emit('close', { code: 1006 })
    socket.receive(encodeFrame({ type: 'item', id: 1, item: 1 }))
    await expect(session.request(1, 'relay.info', {})).rejects.toMatchObject({ code: 'transport/unreachable' })
    expect(told).toEqual(['it broke the connection'])
  })
})

describe('the way out', () => {
  const out = (clock: HandClock) => {
    const { WebSocket, last } = fakeSockets()
    const socket = openSocket(WebSocket, 'ws://relay', {
      opened: () => undefined,
      message: () => undefined,
      lost: () => undefined,
    })
    return { outgoing: new Outgoing(socket, clock), fake: last() }
  }

  test('holds back while the socket is full, keeps the order, and goes on when it has drained', async () => {
    const clock = new HandClock()
    const { outgoing, fake } = out(clock)
    fake.bufferedAmount = 2 * 1024 * 1024
    for (let i = 0; i < 5; i++) expect(outgoing.send(new Uint8Array([i]))).toBe(true)
    await clock.advance(50)
    expect(fake.sent).toEqual([])
    fake.bufferedAmount = 0
    expect(outgoing.send(new Uint8Array([5]))).toBe(true)
    await clock.advance(50)
    expect(fake.sent.map(([first]) => first)).toEqual([0, 1, 2, 3, 4, 5])
  })

  test('refuses what exceeds its bound, and sends nothing after it was stopped', async () => {
    const clock = new HandClock()
    const { outgoing, fake } = out(clock)
    fake.bufferedAmount = 2 * 1024 * 1024
    const mib = new Uint8Array(1024 * 1024)
    expect(Array.from({ length: 9 }, () => outgoing.send(mib))).toEqual([...Array(8).fill(true), false])
    outgoing.stop()
    fake.bufferedAmount = 0
    await clock.advance(100)
    expect(fake.sent).toEqual([])
    expect(outgoing.send(new Uint8Array(1))).toBe(false)
  })
})
