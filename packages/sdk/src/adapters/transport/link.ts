import { DchatError, isDchatError } from '../../errors.ts'
import type { Log } from '../../ports/log.ts'
import type { Happening, Surroundings } from '../../ports/surroundings.ts'
import type { LinkState, Proof, RelayLink } from '../../ports/transport.ts'
import { ID_LIMIT } from '../../protocol/wire/limits.ts'
import type {
  Method,
  Params,
  Result,
  Subscription,
  SubscriptionItem,
  SubscriptionParams,
} from '../../protocol/wire/methods.ts'
import type { RelayUrl } from '../../records/ids.ts'
import type { Abortable } from '../../util/abort.ts'
import { Broadcast } from '../../util/broadcast.ts'
import { sleptThroughJump } from './attentive-sleep.ts'
import type { Backoff } from './backoff.ts'
import { withDeadline } from './deadline.ts'
import { type Effect, type LinkEvent, type Phase, stateOf, step } from './link-machine.ts'
import { Proofs } from './proofs.ts'
import { Session, type SessionOptions } from './session.ts'
import { ActiveSubscription, type Channel } from './subscription.ts'
import { Waiters } from './waiters.ts'

export interface LinkOptions extends SessionOptions {
  readonly backoff: Backoff
  readonly log: Log | undefined
  readonly surroundings: Surroundings | undefined
}

type Timeout = Abortable & { readonly timeout?: number }

/** A link that reconnects: the state machine decides, this does what it asks. */
export class WebSocketLink implements RelayLink, Channel {
  readonly relay: RelayUrl
  readonly #options: LinkOptions
  readonly #states = new Broadcast<LinkState>()
  readonly #waiters = new Waiters()
  readonly #proofs: Proofs
  readonly #subscriptions = new Map<number, ActiveSubscription<Subscription>>()
  #phase: Phase = { phase: 'idle' }
  #session: Session | undefined
  #draining: Session | undefined
  #retry: AbortController | undefined
  readonly #unlisten: (() => void) | undefined
  #closing: Promise<unknown> = Promise.resolve()
  #lastId = 0

  constructor(options: LinkOptions) {
    this.relay = options.relay
    this.#options = options
    this.#proofs = new Proofs({ relay: options.relay, nextId: () => this.#nextId(), log: options.log })
    this.#unlisten = options.surroundings?.listen((happening) => this.#happened(happening))
  }

  get state(): LinkState {
    return stateOf(this.#phase)
  }

  /** The present state first, then every change. */
  states(options: Abortable = {}): AsyncIterable<LinkState> {
    const changes = this.#states.stream(options)
    let first: LinkState | undefined = this.state
    return {
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          const value = first
          first = undefined
          return value ? { value, done: false } : changes.next()
        },
        return: async () => changes.return?.() ?? { value: undefined, done: true },
      }),
    }
  }

  async ready(options: Timeout = {}): Promise<void> {
    await withDeadline(
      this.#options.clock,
      options,
      () => this.#late(options),
      (signal) => this.#whenReady(signal),
    )
  }

  async prove(proof: Proof, { signal }: Abortable = {}): Promise<void> {
    signal?.throwIfAborted()
    const held = this.#proofs.hold(proof)
    while (true) {
      const session = await this.#whenReady(signal)
      if ('rejected' in held) throw held.rejected
      if (held.shown === session) return
      try {
        await this.#proofs.show(session, held, signal)
      } catch (error) {
        if (!isDchatError(error, 'transport/unreachable')) throw error
      }
    }
  }

  request<M extends Method>(method: M, params: Params<M>, options: Timeout = {}): Promise<Result<M>> {
    return withDeadline(
      this.#options.clock,
      options,
      () => this.#late(options),
      async (signal) => {
        const session = await this.#whenReady(signal)
        return session.request(this.#nextId(), method, params, signal)
      },
    )
  }

  subscribe<S extends Subscription>(
    name: S,
    params: SubscriptionParams<S>,
    { signal }: Abortable = {},
  ): AsyncIterable<SubscriptionItem<S>> {
    return { [Symbol.asyncIterator]: () => new ActiveSubscription(this.#nextId(), name, params, this, signal) }
  }

  async close(): Promise<void> {
    this.#dispatch({ event: 'close' })
    await this.#closing
  }

  open(subscription: ActiveSubscription<Subscription>): void {
    if (this.#phase.phase === 'closed') return subscription.stop()
    this.#subscriptions.set(subscription.id, subscription)
    this.#dispatch({ event: 'wanted' })
    if (this.#phase.phase === 'ready') this.#begin(subscription)
  }

  credit(id: number, credit: number): void {
    this.#session?.send({ type: 'credit', id, credit })
  }

  forget(id: number, tell: boolean): void {
    this.#subscriptions.delete(id)
    if (tell && this.#phase.phase === 'ready') this.#session?.send({ type: 'unsubscribe', id })
  }

  #nextId(): number {
    this.#lastId = this.#lastId >= ID_LIMIT ? 1 : this.#lastId + 1
    return this.#lastId
  }

  #late({ timeout = 0 }: Timeout): DchatError {
    const phase = this.#phase
    const reason = phase.phase === 'waiting' ? phase.reason : `no answer within ${timeout} ms`
    return new DchatError('transport/unreachable', { relay: this.relay, reason })
  }

  #happened(happening: Happening): void {
    if (happening === 'offline') return this.#dispatch({ event: 'offline' })
    if (happening === 'resume' || happening === 'visible') return this.#dispatch({ event: 'awake' })
    if (happening !== 'online') return
    // Who has not answered since the network went will hardly do so over another one.
    if (this.#phase.phase === 'ready' && this.#session?.unanswered)
      this.#dispatch({ event: 'lost', reason: 'the network changed' })
    this.#dispatch({ event: 'online' })
  }

  #dispatch(event: LinkEvent): void {
    const before = this.#phase
    const { clock, random, backoff, surroundings } = this.#options
    const [a = 0, b = 0] = random.bytes(2)
    const { phase, effects } = step(before, event, {
      now: clock.now(),
      fraction: (a * 256 + b) / 0xffff,
      backoff,
      online: surroundings?.online ?? true,
    })
    this.#phase = phase
    if (phase !== before) this.#tell(before, phase)
    for (const effect of effects) this.#run(effect)
    this.#waiters.tell(this.#phase, this.#session)
  }

  #tell(before: Phase, phase: Phase): void {
    const [was, is] = [stateOf(before), stateOf(phase)]
    this.#options.log?.debug('link', {
      state: phase.phase,
      ...(is.state === 'waiting' && { reason: is.reason, delay: is.retryAt - this.#options.clock.now() }),
    })
    const sameWait = was.state === 'waiting' && is.state === 'waiting' && was.reason === is.reason
    if (is.state !== was.state || (is.state === 'waiting' && !sameWait)) this.#states.emit(is)
  }

  #run(effect: Effect): void {
    switch (effect.effect) {
      case 'dial':
        return this.#dial()
      case 'prove':
        return void this.#repeatProofs()
      case 'resume':
        for (const subscription of this.#subscriptions.values()) this.#begin(subscription)
        return
      case 'check':
        return this.#session?.check()
      case 'drop':
        this.#session?.cut()
        this.#draining?.cut()
        this.#session = this.#draining = undefined
        return
      case 'drain':
        this.#draining = this.#session
        this.#session = undefined
        return
      case 'schedule':
        return this.#schedule(effect.delay)
      case 'finish':
        return this.#finish()
    }
  }

  #dial(): void {
    this.#retry?.abort()
    try {
      const session: Session = new Session(this.#options, {
        welcomed: ({ relayKey, version }) =>
          this.#if(session, () => this.#dispatch({ event: 'welcomed', welcome: { relayKey, version } })),
        lost: (reason, refusal) =>
          this.#if(session, () => this.#dispatch({ event: 'lost', reason, ...(refusal && { refusal }) })),
        goodbye: (reason, retryAfter) =>
          this.#if(session, () => this.#dispatch({ event: 'goodbye', reason, retryAfter })),
        item: (id, item) => this.#if(session, () => this.#subscriptions.get(id)?.receive(item)),
        end: (id, code, details) => this.#if(session, () => this.#subscriptions.get(id)?.ended(code, details)),
      })
      this.#session = session
    } catch (cause) {
      // The class throws for a URL that it does not understand or that the page may not open.
      const refusal = new DchatError(
        'transport/unreachable',
        { relay: this.relay, reason: 'its URL cannot be opened' },
        { cause },
      )
      this.#dispatch({ event: 'lost', reason: refusal.details.reason, refusal })
    }
  }

  /** What an earlier connection still says does not count. */
  #if(session: Session, work: () => void): void {
    if (session === this.#session) work()
  }

  #schedule(delay: number): void {
    this.#retry?.abort()
    const retry = new AbortController()
    this.#retry = retry
    sleptThroughJump(this.#options.clock, delay, { signal: retry.signal }).then(
      (jumped) => this.#dispatch({ event: jumped ? 'awake' : 'due' }),
      () => undefined,
    )
  }

  #begin(subscription: ActiveSubscription<Subscription>): void {
    const welcome = this.#session?.welcome
    if (welcome) this.#session?.send(subscription.begin(welcome.window))
  }

  async #repeatProofs(): Promise<void> {
    const session = this.#session
    if (!session) return
    const { clock, connectTimeout } = this.#options
    try {
      await withDeadline(
        clock,
        { timeout: connectTimeout },
        () => this.#late({ timeout: connectTimeout }),
        (signal) => this.#proofs.repeat(session, signal),
      )
      this.#if(session, () => this.#dispatch({ event: 'proven' }))
    } catch {
      this.#if(session, () => this.#dispatch({ event: 'lost', reason: 'it does not accept the proofs' }))
    }
  }

  #whenReady(signal: AbortSignal | undefined): Promise<Session> {
    const session = this.#waiters.wait(signal)
    this.#dispatch({ event: 'wanted' })
    this.#waiters.tell(this.#phase, this.#session)
    return session
  }

  #finish(): void {
    this.#unlisten?.()
    this.#retry?.abort()
    this.#closing = Promise.all([this.#session?.close(), this.#draining?.close()])
    this.#session = this.#draining = undefined
    for (const subscription of [...this.#subscriptions.values()]) subscription.stop()
    this.#states.close()
  }
}
