import { DchatError, isDchatError } from '../../errors.ts'
import { decodeError } from '../../protocol/wire/error-codec.ts'
import type { Frame } from '../../protocol/wire/frames.ts'
import { parseItem } from '../../protocol/wire/method-codec.ts'
import type {
  Entry,
  InboxItem,
  Subscription,
  SubscriptionItem,
  SubscriptionParams,
} from '../../protocol/wire/methods.ts'
import type { RelayUrl } from '../../records/ids.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'

/** What a subscription asks of its link. */
export interface Channel {
  readonly relay: RelayUrl
  /** Takes it up, now or at the next connection. */
  open(subscription: ActiveSubscription<Subscription>): void
  credit(id: number, credit: number): void
  /** `tell`: the relay still has it open. */
  forget(id: number, tell: boolean): void
}

interface Waiting<T> {
  readonly resolve: (result: IteratorResult<T, undefined>) => void
  readonly reject: (error: unknown) => void
}

/** Where an item stands, if its subscription can be resumed. */
const placeOf = <S extends Subscription>(name: S, item: SubscriptionItem<S>): number | undefined => {
  if (name === 'topic') return (item as Entry).receipt.seq
  return name === 'inbox' ? (item as InboxItem).seq : undefined
}

/**
 * One subscription over all connections of its link. It starts with the first `next`, gives credit back as items are
 * handed out, and after a reconnect goes on behind the last item that was handed out.
 */
export class ActiveSubscription<S extends Subscription>
  implements AsyncIterableIterator<SubscriptionItem<S>, undefined>
{
  readonly id: number
  readonly #name: S
  readonly #params: SubscriptionParams<S>
  readonly #channel: Channel
  readonly #signal: AbortSignal | undefined
  readonly #waiting: Waiting<SubscriptionItem<S>>[] = []
  #queue: SubscriptionItem<S>[] = []
  #started = false
  #ended: { readonly error?: unknown } | undefined
  /** Place of the last item handed out. */
  #handed: number
  /** Place of the last item received on this connection. */
  #received = 0
  #window = 1
  /** Items that the relay may still send. */
  #credit = 0
  /** Items handed out whose credit was not given back yet. */
  #owed = 0

  constructor(id: number, name: S, params: SubscriptionParams<S>, channel: Channel, signal: AbortSignal | undefined) {
    this.id = id
    this.#name = name
    this.#params = params
    this.#channel = channel
    this.#signal = signal
    this.#handed = 'after' in params ? params.after : 0
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<SubscriptionItem<S>, undefined>> {
    if (!this.#started) this.#start()
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#serve()
    })
  }

  return(): Promise<IteratorResult<SubscriptionItem<S>, undefined>> {
    this.stop()
    return Promise.resolve({ value: undefined, done: true })
  }

  /** The frame that opens it on a new connection; what the last one left unread is asked for again. */
  begin(window: number): Frame {
    this.#queue = []
    this.#received = this.#handed
    this.#window = window
    this.#credit = window
    this.#owed = 0
    const params = 'after' in this.#params ? { ...this.#params, after: this.#handed } : this.#params
    return { type: 'subscribe', id: this.id, name: this.#name, params, credit: window }
  }

  /** Throws `protocol/malformed` if the relay sends more than it may: the connection is not worth keeping. */
  receive(value: unknown): void {
    if (this.#ended) return
    if (this.#credit === 0)
      throw new DchatError('protocol/malformed', { format: 'item', reason: 'it exceeds the credit' })
    this.#credit--
    try {
      const item = parseItem(this.#name, value)
      this.#checkTopic(item)
      const place = placeOf(this.#name, item)
      if (place !== undefined && place <= this.#received) {
        // On one connection nothing comes twice: it ends, and goes on behind what was handed out.
        if (this.#name === 'topic') throw this.#repeated(item as Entry)
        return this.#consumed()
      }
      this.#received = place ?? this.#received
      this.#queue.push(item)
    } catch (error) {
      if (!isDchatError(error)) throw error
      return this.#end({ error }, true)
    }
    this.#serve()
  }

  /** The relay ended it: what was received is handed out first. */
  ended(code: string | undefined, details: unknown): void {
    this.#end(code === undefined ? {} : { error: decodeError(code, details, this.#channel.relay) }, false)
  }

  /** Ends it here, in good order. */
  stop(): void {
    this.#queue = []
    this.#end({}, true)
  }

  #repeated({ receipt: { topic, seq } }: Entry): DchatError {
    return new DchatError('relay/repeated-entry', { relay: this.#channel.relay, topic: toHex(topic), seq })
  }

  #start(): void {
    this.#started = true
    if (this.#ended) return
    if (this.#signal?.aborted) return this.#abort()
    this.#signal?.addEventListener('abort', this.#abort, { once: true })
    this.#channel.open(this as unknown as ActiveSubscription<Subscription>)
  }

  readonly #abort = (): void => {
    this.#queue = []
    this.#end({ error: this.#signal?.reason }, true)
  }

  #end(outcome: { readonly error?: unknown }, tell: boolean): void {
    if (this.#ended) return
    this.#ended = outcome
    this.#signal?.removeEventListener('abort', this.#abort)
    this.#channel.forget(this.id, tell)
    this.#serve()
  }

  /** Hands out what there is to those who wait. */
  #serve(): void {
    for (let waiting = this.#waiting[0]; waiting; waiting = this.#waiting[0]) {
      const item = this.#queue.shift()
      if (item !== undefined) {
        this.#waiting.shift()
        this.#handed = placeOf(this.#name, item) ?? this.#handed
        waiting.resolve({ value: item, done: false })
        this.#consumed()
      } else if (this.#ended) {
        this.#waiting.shift()
        if ('error' in this.#ended) {
          const { error } = this.#ended
          // Thrown once; whoever asks again is told that it is over.
          this.#ended = {}
          waiting.reject(error)
        } else waiting.resolve({ value: undefined, done: true })
      } else return
    }
  }

  #consumed(): void {
    this.#owed++
    if (this.#ended || this.#owed * 2 < this.#window) return
    const credit = this.#owed
    this.#owed = 0
    this.#credit += credit
    this.#channel.credit(this.id, credit)
  }

  #checkTopic(item: SubscriptionItem<S>): void {
    if (this.#name !== 'topic') return
    if (!equalBytes((item as Entry).receipt.topic, (this.#params as SubscriptionParams<'topic'>).topic))
      throw new DchatError('protocol/malformed', { format: 'item', reason: 'it is of another topic' })
  }
}
