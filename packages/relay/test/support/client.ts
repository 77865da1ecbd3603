import {
  DchatError,
  decodeError,
  decodeFrame,
  encodeFrame,
  type Frame,
  linkProofBytes,
  type Method,
  type Params,
  parseItem,
  parseResult,
  type Result,
  type Subscription,
  type SubscriptionItem,
  type SubscriptionParams,
  WIRE_VERSIONS,
  welcomeBytes,
} from '@dchat/sdk/wire'
import { type ClientOptions, WebSocket } from 'ws'
import { testCrypto } from './crypto.ts'

/** A subscription in the hand: what arrived, and the end if there was one. */
export interface Subscribed<S extends Subscription> {
  readonly id: number
  readonly items: SubscriptionItem<S>[]
  /** Resolves when that many items are there; rejects if the subscription ends before. */
  count(wanted: number): Promise<SubscriptionItem<S>[]>
  /** Resolves with the error code of the end (undefined for an orderly one). */
  readonly ended: Promise<string | undefined>
  credit(credit: number): void
  stop(): void
}

export interface ConnectOptions extends Pick<ClientOptions, 'ca' | 'localAddress'> {
  /** The network address that a proxy would name. */
  readonly from?: string | undefined
}

/** A client of a few lines over the frame codec, so that the relay is tried by something that shares no link code. */
export class TestClient {
  readonly frames: Frame[] = []
  readonly closed: Promise<number>
  welcome!: Extract<Frame, { type: 'welcome' }>
  #id = 0
  readonly #waiting = new Map<number, (frame: Frame) => void>()
  readonly #watchers = new Set<() => void>()

  private constructor(readonly socket: WebSocket) {
    this.closed = new Promise((resolve) => socket.once('close', (code) => resolve(code)))
    socket.on('error', () => undefined)
    socket.on('message', (data) => this.#receive(decodeFrame(data as Buffer)))
  }

  /** Without a hello. */
  static async raw(url: string, { from, ...options }: ConnectOptions = {}): Promise<TestClient> {
    const headers = from === undefined ? {} : { 'X-Forwarded-For': from }
    const socket = new WebSocket(url, { perMessageDeflate: false, headers, ...options })
    const client = new TestClient(socket)
    await new Promise<void>((resolve, reject) => {
      socket.once('open', () => resolve())
      socket.once('error', reject)
    })
    return client
  }

  static async connect(url: string, options: ConnectOptions = {}): Promise<TestClient> {
    const client = await TestClient.raw(url, options)
    const nonce = testCrypto.random(32)
    client.send({ type: 'hello', versions: WIRE_VERSIONS, agent: 'test', nonce })
    const welcome = (await client.frame(({ type }) => type === 'welcome')) as Extract<Frame, { type: 'welcome' }>
    if (!(await testCrypto.ed25519.verify(welcome.relayKey, welcomeBytes(nonce, welcome.challenge), welcome.signature)))
      throw new Error('the welcome is not signed by the relay key')
    client.welcome = welcome
    return client
  }

  send(frame: Frame): void {
    this.socket.send(encodeFrame(frame))
  }

  /** The first frame, past or future, that fits. Rejects when the connection closes before. */
  frame(fits: (frame: Frame) => boolean): Promise<Frame> {
    return this.until(() => this.frames.find(fits))
  }

  until<T>(probe: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = probe()
        if (found === undefined) return
        this.#watchers.delete(look)
        resolve(found)
      }
      this.#watchers.add(look)
      this.closed.then((code) => {
        look()
        if (this.#watchers.delete(look)) reject(new Error(`closed with ${code}`))
      })
      look()
    })
  }

  async request<M extends Method>(method: M, params: Params<M>): Promise<Result<M>> {
    const id = ++this.#id
    const answer = new Promise<Frame>((resolve, reject) => {
      this.#waiting.set(id, resolve)
      this.closed.then((code) => reject(new Error(`closed with ${code}`)))
    })
    this.send({ type: 'request', id, method, params })
    const frame = await answer
    if (frame.type === 'error') throw decodeError(frame.code, frame.details, 'test')
    if (frame.type !== 'result') throw new Error(`unexpected ${frame.type}`)
    return parseResult(method, frame.result)
  }

  async prove(kind: 'topic' | 'device', subject: Uint8Array, seed: Uint8Array): Promise<void> {
    const publicKey = await testCrypto.ed25519.publicKey(seed)
    const { relayKey, challenge } = this.welcome
    const signature = await testCrypto.ed25519.sign(seed, linkProofBytes(relayKey, challenge, kind, subject))
    await this.request('link.prove', { kind, subject, publicKey, signature })
  }

  subscribe<S extends Subscription>(name: S, params: SubscriptionParams<S>, credit = 256): Subscribed<S> {
    const id = ++this.#id
    const items: SubscriptionItem<S>[] = []
    let over = false
    const collect = () => {
      for (const frame of this.frames.splice(0)) {
        if (frame.type === 'item' && frame.id === id) items.push(parseItem(name, frame.item))
        else if (frame.type === 'end' && frame.id === id) {
          over = true
          kept.push(frame)
        } else kept.push(frame)
      }
      this.frames.push(...kept.splice(0))
    }
    const kept: Frame[] = []
    this.#watchers.add(collect)
    const ended = this.frame((frame) => frame.type === 'end' && frame.id === id).then((frame) =>
      frame.type === 'end' ? frame.code : undefined,
    )
    ended.catch(() => undefined)
    this.send({ type: 'subscribe', id, name, params, credit })
    return {
      id,
      items,
      count: (wanted) =>
        this.until(() => {
          collect()
          if (items.length >= wanted) return items
          if (over) throw new DchatError('usage/closed', { what: 'subscription' })
          return undefined
        }),
      ended,
      credit: (more) => this.send({ type: 'credit', id, credit: more }),
      stop: () => this.send({ type: 'unsubscribe', id }),
    }
  }

  async close(): Promise<void> {
    this.socket.resume()
    this.socket.close(1000)
    await this.closed
  }

  #receive(frame: Frame): void {
    if (frame.type === 'ping') this.send({ type: 'pong', nonce: frame.nonce })
    const waiting = frame.type === 'result' || frame.type === 'error' ? this.#waiting.get(frame.id) : undefined
    if (waiting && 'id' in frame) {
      this.#waiting.delete(frame.id)
      waiting(frame)
    } else this.frames.push(frame)
    for (const look of [...this.#watchers]) look()
  }
}
