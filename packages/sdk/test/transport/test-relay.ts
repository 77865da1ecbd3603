import { once } from 'node:events'
import { ed25519 } from '@noble/curves/ed25519.js'
import { type WebSocket, WebSocketServer } from 'ws'
import { encodeError } from '../../src/protocol/wire/error-codec.ts'
import { decodeFrame, encodeFrame } from '../../src/protocol/wire/frame-codec.ts'
import type { Frame } from '../../src/protocol/wire/frames.ts'
import type { Entry } from '../../src/protocol/wire/methods.ts'
import { linkProofBytes, welcomeBytes } from '../../src/protocol/wire/proof.ts'
import type { RelayUrl } from '../../src/records/ids.ts'

export const TOPIC = new Uint8Array(32).fill(7)

/** An entry that has the right shape; nobody looks at its receipt here. */
export const entryAt = (seq: number): Entry => ({
  epoch: 1,
  reference: new Uint8Array(16),
  body: new Uint8Array(256),
  frame: null,
  receipt: {
    topic: TOPIC,
    seq,
    previous: new Uint8Array(32),
    entry: new Uint8Array(32),
    kind: 'application',
    time: 1,
    index: 0,
    size: 1,
    path: [],
    signature: new Uint8Array(64),
  },
})

type FrameOf<T extends Frame['type']> = Extract<Frame, { type: T }>

/** One accepted socket: what arrived on it, and ways to misbehave. */
export class Peer {
  readonly frames: Frame[] = []
  readonly challenge = new Uint8Array(32).fill(3)
  readonly socket: WebSocket
  /** Reads, but says nothing any more. */
  mute = false
  #listeners: (() => void)[] = []

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('error', () => undefined)
  }

  send(frame: Frame): void {
    if (!this.mute) this.socket.send(encodeFrame(frame))
  }

  arrived(frame: Frame): void {
    this.frames.push(frame)
    for (const listener of this.#listeners.splice(0)) listener()
  }

  of<T extends Frame['type']>(type: T): FrameOf<T>[] {
    return this.frames.filter((frame): frame is FrameOf<T> => frame.type === type)
  }

  /** The nth frame of a type, waited for. */
  async frame<T extends Frame['type']>(type: T, nth = 0): Promise<FrameOf<T>> {
    while (true) {
      const found = this.of(type)[nth]
      if (found) return found
      await new Promise<void>((resolve) => this.#listeners.push(resolve))
    }
  }
}

export interface TestRelayOptions {
  readonly port?: number
  readonly window?: number
  readonly heartbeat?: number
  /** Instead of the welcome. */
  readonly greet?: (peer: Peer, hello: FrameOf<'hello'>, welcome: FrameOf<'welcome'>) => void
  /** Frames that the default behaviour does not answer: everything but hello, ping and proofs. */
  readonly handle?: (peer: Peer, frame: Frame) => void
}

/** A relay of a few lines: hello, proofs that it verifies, pings; the rest is the test's. */
export const testRelay = async (options: TestRelayOptions = {}) => {
  const seed = new Uint8Array(32).fill(9)
  const relayKey = ed25519.getPublicKey(seed)
  const server = new WebSocketServer({ port: options.port ?? 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const peers: Peer[] = []
  let arrivals: (() => void)[] = []

  const answer = (peer: Peer, frame: Frame) => {
    if (frame.type === 'hello') {
      const welcome: FrameOf<'welcome'> = {
        type: 'welcome',
        version: 1,
        relayKey,
        challenge: peer.challenge,
        signature: ed25519.sign(welcomeBytes(frame.nonce, peer.challenge), seed),
        time: Date.now(),
        heartbeat: options.heartbeat ?? 60_000,
        window: options.window ?? 8,
      }
      if (options.greet) options.greet(peer, frame, welcome)
      else peer.send(welcome)
    } else if (frame.type === 'ping') peer.send({ type: 'pong', nonce: frame.nonce })
    else if (frame.type === 'request' && frame.method === 'link.prove') {
      const { kind, subject, publicKey, signature } = frame.params as {
        kind: 'topic'
        subject: Uint8Array
        publicKey: Uint8Array
        signature: Uint8Array
      }
      const good = ed25519.verify(signature, linkProofBytes(relayKey, peer.challenge, kind, subject), publicKey)
      if (good) peer.send({ type: 'result', id: frame.id, result: {} })
      else peer.send({ type: 'error', id: frame.id, code: 'crypto/bad-signature', details: { what: 'proof' } })
    } else options.handle?.(peer, frame)
  }

  server.on('connection', (socket) => {
    const peer = new Peer(socket)
    peers.push(peer)
    for (const arrival of arrivals.splice(0)) arrival()
    socket.on('message', (data: Buffer) => {
      const frame = decodeFrame(new Uint8Array(data))
      answer(peer, frame)
      peer.arrived(frame)
    })
  })

  return {
    port: (server.address() as { port: number }).port,
    url: `ws://127.0.0.1:${(server.address() as { port: number }).port}` as RelayUrl,
    relayKey,
    peers,
    /** The nth connection, waited for. */
    async peer(nth = 0): Promise<Peer> {
      while (!peers[nth]) await new Promise<void>((resolve) => arrivals.push(resolve))
      return peers[nth] as Peer
    },
    async close() {
      arrivals = []
      for (const client of server.clients) client.terminate()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export type TestRelay = Awaited<ReturnType<typeof testRelay>>

/** A `handle` that serves a topic of `count` entries by the rules of credit; `cutAfter` breaks a connection on the way. */
export const servesTopic = (count: number, cutAfter: (connection: number) => number) => {
  let connection = 0
  const state = new WeakMap<Peer, { id: number; next: number; credit: number; left: number }>()
  const pump = (peer: Peer) => {
    const at = state.get(peer)
    while (at && at.credit > 0 && at.next <= count && at.left > 0) {
      peer.send({ type: 'item', id: at.id, item: entryAt(at.next) })
      at.next++
      at.credit--
      if (--at.left === 0) peer.socket.terminate()
    }
  }
  return (peer: Peer, frame: Frame) => {
    if (frame.type === 'subscribe') {
      const { after } = frame.params as { after: number }
      state.set(peer, { id: frame.id, next: after + 1, credit: frame.credit, left: cutAfter(connection++) })
    } else if (frame.type === 'credit') {
      const at = state.get(peer)
      if (at) at.credit += frame.credit
    }
    pump(peer)
  }
}

export const refuse = (peer: Peer, id: number, error: unknown): void =>
  peer.send({ type: 'error', id, ...encodeError(error) })
