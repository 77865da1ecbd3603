import {
  CHALLENGE_LENGTH,
  DchatError,
  decodeFrame,
  encodeError,
  type Frame,
  isDchatError,
  isMethod,
  type Method,
  negotiateVersion,
  parseParams,
  toHex,
  welcomeBytes,
} from '@dchat/sdk/wire'
import type { Handlers } from '../handlers/handler.ts'
import { HANDLERS } from '../handlers/handlers.ts'
import type { Link, RelayContext } from './link.ts'
import type { PeerSocket } from './peer-socket.ts'
import { Proofs } from './proofs.ts'
import { RequestQueue } from './request-queue.ts'
import { Sender } from './sender.ts'
import { Subscriptions } from './subscriptions.ts'

/** Close codes of RFC 6455 7.4.1. */
const GOING_AWAY = 1001
const PROTOCOL_ERROR = 1002
const POLICY = 1008

/** Methods whose answers may fill a frame. */
const LARGE: ReadonlySet<string> = new Set<Method>([
  'topic.read',
  'successor.list',
  'blob.get',
  'identity.get',
  'archive.get',
  'archive.list',
  'keys.claim',
])

type Request = Extract<Frame, { type: 'request' }>

/** ms that the closing handshake may take before the socket is cut. */
const CLOSE_PATIENCE = 1_000

/** One client: hello, then requests and subscriptions until either side ends it. */
export class Connection {
  readonly #relay: RelayContext
  readonly #socket: PeerSocket
  readonly #sender: Sender
  readonly #link: Link
  readonly #subscriptions: Subscriptions
  readonly #requests: RequestQueue<Request>
  readonly #openedAt: number
  #greeted = false
  #over = false
  #heardAt: number
  #pinged = false
  #congestedAt: number | undefined
  #paused = false
  #refusals = 0

  constructor(relay: RelayContext, socket: PeerSocket, id: string, address: string, gone: () => void) {
    this.#relay = relay
    this.#socket = socket
    this.#openedAt = this.#heardAt = relay.clock.now()
    this.#sender = new Sender(socket, relay.limits.bufferedBytes, relay.metrics, (congested) => this.#flow(congested))
    const proofs = new Proofs(relay.store, relay.limits.proofs, relay.held.proofs, address)
    this.#link = {
      relay,
      id,
      address,
      proofs,
      challenge: relay.crypto.random(CHALLENGE_LENGTH),
      signalFeeds: new Set(),
      proved: (topic) => this.#subscriptions.proved(topic),
    }
    this.#subscriptions = new Subscriptions(this.#link, this.#sender)
    this.#requests = new RequestQueue(
      {
        all: relay.limits.inFlight,
        bytes: relay.limits.inFlightBytes,
        large: relay.limits.largeInFlight,
        isLarge: ({ method }) => LARGE.has(method),
        budget: relay.work,
        waits: ({ method }) => method === 'rendezvous.get',
      },
      (request) => this.#answer(request),
      this.#sender,
      () => this.#readOrPause(),
    )
    socket.on('message', (data, isBinary) => this.#receive(data as Uint8Array, isBinary))
    // A protocol fault of the peer closes the socket by itself; its text is of no use to anybody.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#end()
      gone()
    })
  }

  /** Resolves when no request is in work. */
  idle(): Promise<void> {
    return this.#requests.idle()
  }

  /** To be called now and then: pings a silent peer, closes a dead one and one that reads nothing. */
  tick(now: number): void {
    const { heartbeat, patience } = this.#relay
    if (!this.#greeted) {
      if (now - this.#openedAt >= patience) void this.close(POLICY, 'no-hello')
    } else if (this.#congestedAt !== undefined && now - this.#congestedAt >= patience) this.#cut('slow-reader')
    // Whoever is not read cannot be heard.
    else if (this.#paused) this.#heardAt = now
    else if (now - this.#heardAt >= 2 * heartbeat) this.#cut('silent')
    else if (now - this.#heardAt >= heartbeat && !this.#pinged) {
      this.#pinged = true
      this.#send({ type: 'ping', nonce: 0 })
    }
  }

  goodbye(reason: string, retryAfter: number): void {
    this.#requests.stop()
    this.#send({ type: 'goodbye', reason, retryAfter })
  }

  /** Closes in good order, and hard if the peer does not play along. Resolves when the socket is gone. */
  close(code = GOING_AWAY, reason = 'closing'): Promise<void> {
    if (this.#socket.readyState === this.#socket.CLOSED) return Promise.resolve()
    if (!this.#over) this.#relay.metrics.closed.inc({ reason })
    this.#over = true
    return new Promise((resolve) => {
      const patience = new AbortController()
      this.#relay.clock.sleep(CLOSE_PATIENCE, { signal: patience.signal }).then(
        () => this.#socket.terminate(),
        () => undefined,
      )
      this.#socket.once('close', () => {
        patience.abort()
        resolve()
      })
      this.#socket.resume()
      this.#socket.close(code)
    })
  }

  #cut(reason: string): void {
    this.#relay.metrics.closed.inc({ reason })
    this.#over = true
    this.#socket.terminate()
  }

  /** Nothing that this connection holds outlives it. */
  #end(): void {
    this.#over = true
    this.#requests.stop()
    this.#subscriptions.closeAll()
    this.#link.proofs.end()
    this.#sender.end()
  }

  #send(frame: Frame): void {
    try {
      this.#sender.send(frame)
    } catch (error) {
      this.#relay.log.warn('frame-too-large', { code: encodeError(error).code })
      this.#cut('frame-too-large')
    }
  }

  #flow(congested: boolean): void {
    this.#congestedAt = congested ? this.#relay.clock.now() : undefined
    this.#readOrPause()
    if (!congested) this.#requests.run()
  }

  /** A peer that does not read its answers, or asks for more than is in work, is not read either. */
  #readOrPause(): void {
    if (this.#over) return
    this.#paused = this.#sender.congested || this.#requests.full
    if (this.#paused) this.#socket.pause()
    else this.#socket.resume()
  }

  #receive(data: Uint8Array, isBinary: boolean): void {
    if (this.#over) return
    this.#relay.metrics.receivedBytes.inc(data.length)
    this.#heardAt = this.#relay.clock.now()
    this.#pinged = false
    try {
      if (!isBinary) throw new DchatError('protocol/malformed', { format: 'frame', reason: 'it is text' })
      const frame = decodeFrame(data)
      if (this.#greeted) this.#handle(frame, data.length)
      else this.#greet(frame)
    } catch (error) {
      this.#fault(error)
    }
  }

  /** What concerns the whole connection: one typed error, then the end. */
  #fault(error: unknown): void {
    if (!isDchatError(error))
      this.#relay.log.warn('internal-error', { name: error instanceof Error ? error.name : typeof error })
    const { code, details } = encodeError(error)
    this.#send({ type: 'error', id: 0, code, details })
    void this.close(PROTOCOL_ERROR, code)
  }

  #greet(frame: Frame): void {
    if (frame.type !== 'hello')
      throw new DchatError('protocol/malformed', { format: 'frame', reason: 'a hello comes first' })
    const version = negotiateVersion(frame.versions)
    this.#greeted = true
    const { relayKey, clock, heartbeat, window, sign } = this.#relay
    const { challenge } = this.#link
    sign(welcomeBytes(frame.nonce, challenge)).then(
      (signature) =>
        this.#send({ type: 'welcome', version, relayKey, challenge, signature, time: clock.now(), heartbeat, window }),
      (error: unknown) => this.#fault(error),
    )
  }

  #handle(frame: Frame, size: number): void {
    switch (frame.type) {
      case 'request':
        return this.#requests.push(frame, size)
      case 'cancel':
        return this.#requests.cancel(frame.id)
      case 'subscribe':
        return this.#subscribe(frame)
      case 'credit':
        return this.#subscriptions.credit(frame.id, frame.credit)
      case 'unsubscribe':
        return this.#subscriptions.unsubscribe(frame.id)
      case 'ping':
        return this.#send({ type: 'pong', nonce: frame.nonce })
      case 'pong':
        return
      default:
        throw new DchatError('protocol/malformed', { format: 'frame', reason: `a client does not send ${frame.type}` })
    }
  }

  #charge(cost: number): void {
    const { rates } = this.#relay
    try {
      rates.connection.take(this.#link.id, cost)
      rates.address.take(this.#link.address, cost)
      this.#refusals = 0
    } catch (error) {
      if (++this.#refusals >= this.#relay.limits.refusals) void this.close(POLICY, 'flood')
      throw error
    }
  }

  #subscribe(frame: Extract<Frame, { type: 'subscribe' }>): void {
    try {
      this.#charge(1)
    } catch (error) {
      return this.#send({ type: 'end', id: frame.id, ...encodeError(error) })
    }
    this.#subscriptions.subscribe(frame).catch((error: unknown) => this.#fault(error))
  }

  async #answer({ id, method, params }: Request): Promise<Frame> {
    const known = isMethod(method) ? method : undefined
    try {
      if (!known) throw new DchatError('protocol/malformed', { format: 'request', reason: 'the method is not known' })
      const result = await this.#perform(known, params)
      this.#relay.metrics.answered(known, 'ok')
      return { type: 'result', id, result }
    } catch (error) {
      if (!isDchatError(error) || error.code.startsWith('storage/'))
        this.#relay.log.warn('request-failed', {
          method: known ?? 'unknown',
          code: isDchatError(error) ? error.code : error instanceof Error ? error.name : typeof error,
        })
      this.#relay.metrics.answered(known ?? 'unknown', isDchatError(error) ? error.code : 'internal')
      return { type: 'error', id, ...encodeError(error) }
    }
  }

  /** Runs up to the handler's first await in the turn in which it is called: the order of a client's writes holds. */
  #perform<M extends Method>(method: M, given: unknown): Promise<unknown> {
    const params = parseParams(method, given)
    this.#charge('entries' in params ? Math.max(1, params.entries.length) : 1)
    const handle = HANDLERS[method] as Handlers[M]
    return handle(params, this.#link)
  }
}

/** A name for rate limits that says nothing. */
export const connectionId = (random: (length: number) => Uint8Array): string => toHex(random(8))
