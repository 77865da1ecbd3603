import { DchatError, isDchatError } from '../../errors.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Crypto } from '../../ports/crypto.ts'
import type { Random } from '../../ports/random.ts'
import { decodeError } from '../../protocol/wire/error-codec.ts'
import { decodeFrame, encodeFrame } from '../../protocol/wire/frame-codec.ts'
import { FRAME_LIMIT, type Frame, WIRE_VERSIONS } from '../../protocol/wire/frames.ts'
import type { Method, Params, Result } from '../../protocol/wire/methods.ts'
import { CHALLENGE_LENGTH, welcomeBytes } from '../../protocol/wire/proof.ts'
import { negotiateVersion } from '../../protocol/wire/version.ts'
import type { RelayUrl } from '../../records/ids.ts'
import { Heartbeat } from './heartbeat.ts'
import { Outgoing } from './outgoing.ts'
import { Requests } from './requests.ts'
import { openSocket, type Socket, type WebSocketClass } from './socket.ts'

export type Welcome = Extract<Frame, { type: 'welcome' }>

export interface SessionOptions {
  readonly relay: RelayUrl
  readonly WebSocket: WebSocketClass
  readonly clock: Clock
  readonly random: Random
  readonly crypto: Pick<Crypto, 'ed25519'>
  readonly agent: string
  /** ms for socket, hello and welcome together. */
  readonly connectTimeout: number
  /** ms; the relay's own heartbeat counts if it is shorter. */
  readonly heartbeat: number
}

/** What one connection tells its link. Nothing comes after `lost`, or after `close` and `cut`. */
export interface SessionEvents {
  welcomed(welcome: Welcome): void
  /** `refusal`: the reason is one that a repetition does not mend. */
  lost(reason: string, refusal?: DchatError): void
  goodbye(reason: string, retryAfter: number): void
  item(id: number, item: unknown): void
  end(id: number, code: string | undefined, details: unknown): void
}

/** Close codes of RFC 6455 7.4.1. */
const NORMAL = 1000
const PROTOCOL_ERROR = 1002

/** ms that a closing handshake may take. */
const CLOSE_PATIENCE = 1000

/** One connection: hello and welcome, requests, heartbeat. The link above it reconnects. */
export class Session {
  readonly #options: SessionOptions
  readonly #events: SessionEvents
  readonly #nonce: Uint8Array
  readonly #requests: Requests
  readonly #connecting = new AbortController()
  readonly #socket: Socket
  readonly #outgoing: Outgoing
  #heartbeat: Heartbeat | undefined
  #welcome: Welcome | undefined
  #greeted = false
  #over = false

  constructor(options: SessionOptions, events: SessionEvents) {
    this.#options = options
    this.#events = events
    this.#nonce = options.random.bytes(CHALLENGE_LENGTH)
    this.#requests = new Requests(options.relay)
    this.#socket = openSocket(options.WebSocket, options.relay, {
      opened: () => this.send({ type: 'hello', versions: WIRE_VERSIONS, agent: options.agent, nonce: this.#nonce }),
      message: (bytes) => this.#receive(bytes),
      lost: (reason) => this.#lose(reason),
    })
    this.#outgoing = new Outgoing(this.#socket, options.clock)
    options.clock.sleep(options.connectTimeout, { signal: this.#connecting.signal }).then(
      () => this.#lose('it does not answer'),
      () => undefined,
    )
  }

  /** Undefined before the welcome. */
  get welcome(): Welcome | undefined {
    return this.#welcome
  }

  /** A question whether the relay still answers is on its way. */
  get unanswered(): boolean {
    return this.#heartbeat?.unanswered ?? false
  }

  /** There is a reason to doubt this connection: the relay has to answer within seconds. */
  check(): void {
    this.#heartbeat?.check()
  }

  /** Sends a frame that must not be left out; a peer that does not read it loses the connection. */
  send(frame: Frame): void {
    if (!this.#over && !this.#outgoing.send(encodeFrame(frame))) this.#lose('it does not read what it is sent')
  }

  async request<M extends Method>(id: number, method: M, params: Params<M>, signal?: AbortSignal): Promise<Result<M>> {
    signal?.throwIfAborted()
    if (this.#over) throw this.#unreachable('the connection was lost')
    const bytes = encodeFrame({ type: 'request', id, method, params })
    if (!this.#outgoing.send(bytes)) throw new DchatError('transport/rate-limited', { retryAfter: 1000 })
    return this.#requests.wait(id, method, signal, () => this.send({ type: 'cancel', id }))
  }

  /** Closes in good order and resolves when that is done; everything that waits fails. */
  async close(): Promise<void> {
    if (this.#over) return
    this.#finish(new DchatError('usage/closed', { what: 'link' }))
    const patience = new AbortController()
    const impatient = this.#options.clock.sleep(CLOSE_PATIENCE, { signal: patience.signal }).catch(() => undefined)
    await Promise.race([this.#socket.close(NORMAL), impatient])
    patience.abort()
    this.#socket.cut(NORMAL)
  }

  /** Ends at once. */
  cut(code: number = NORMAL, reason = 'the connection was lost'): void {
    if (this.#over) return
    this.#finish(this.#unreachable(reason))
    this.#socket.cut(code)
  }

  #unreachable(reason: string) {
    return new DchatError('transport/unreachable', { relay: this.#options.relay, reason })
  }

  #finish(error: DchatError): void {
    this.#over = true
    this.#connecting.abort()
    this.#heartbeat?.stop()
    this.#outgoing.stop()
    this.#requests.failAll(error)
  }

  #lose(reason: string, refusal?: DchatError, code = NORMAL): void {
    if (this.#over) return
    this.cut(code, reason)
    this.#events.lost(reason, refusal)
  }

  #receive(bytes: Uint8Array | undefined): void {
    if (this.#over) return
    this.#heartbeat?.heard()
    try {
      if (!bytes) throw new DchatError('protocol/malformed', { format: 'frame', reason: 'it is text' })
      const frame = decodeFrame(bytes)
      if (this.#welcome) this.#handle(frame)
      else this.#greet(frame)
    } catch (error) {
      const large = isDchatError(error, 'protocol/too-large')
      if (!large && !isDchatError(error, 'protocol/malformed')) throw error
      const reason = large ? `it sent a frame of more than ${FRAME_LIMIT} bytes` : 'it does not speak this protocol'
      this.#lose(reason, undefined, PROTOCOL_ERROR)
    }
  }

  /** The first frames of a relay: a welcome, or the reason why there is none. */
  #greet(frame: Frame): void {
    if (frame.type === 'welcome' && !this.#greeted) {
      this.#greeted = true
      void this.#verify(frame)
    } else if (frame.type === 'ping') this.send({ type: 'pong', nonce: frame.nonce })
    else if (frame.type === 'error' && frame.id === 0) this.#refused(frame.code, frame.details)
    else if (frame.type === 'goodbye') this.#events.goodbye(frame.reason, frame.retryAfter)
    else throw new DchatError('protocol/malformed', { format: 'frame', reason: 'it comes before the welcome' })
  }

  async #verify(welcome: Welcome): Promise<void> {
    try {
      negotiateVersion([welcome.version])
      const signed = welcomeBytes(this.#nonce, welcome.challenge)
      if (!(await this.#options.crypto.ed25519.verify(welcome.relayKey, signed, welcome.signature)))
        throw new DchatError('crypto/bad-signature', { what: 'welcome' })
      if (this.#over) return
      this.#connecting.abort()
      this.#welcome = welcome
      this.#heartbeat = new Heartbeat(
        this.#options.clock,
        Math.min(welcome.heartbeat, this.#options.heartbeat),
        () => this.send({ type: 'ping', nonce: 0 }),
        () => this.#lose('it does not answer any more'),
      )
      this.#events.welcomed(welcome)
    } catch (error) {
      if (isDchatError(error)) this.#lose(error.message, error)
      else this.#lose('its welcome cannot be verified')
    }
  }

  /** An error about the connection. After the welcome it concerns one frame: another connection may do better. */
  #refused(code: string, details: unknown): void {
    const error = decodeError(code, details, this.#options.relay)
    this.#lose(error.message, error.retryable || this.#welcome ? undefined : error)
  }

  #handle(frame: Frame): void {
    switch (frame.type) {
      case 'result':
        return this.#requests.succeed(frame.id, frame.result)
      case 'error':
        return frame.id === 0
          ? this.#refused(frame.code, frame.details)
          : this.#requests.fail(frame.id, frame.code, frame.details)
      case 'item':
        return this.#events.item(frame.id, frame.item)
      case 'end':
        return this.#events.end(frame.id, frame.code, frame.details)
      case 'ping':
        return this.send({ type: 'pong', nonce: frame.nonce })
      case 'pong':
        return
      case 'goodbye':
        return this.#events.goodbye(frame.reason, frame.retryAfter)
      default:
        throw new DchatError('protocol/malformed', { format: 'frame', reason: `a relay does not send ${frame.type}` })
    }
  }
}
