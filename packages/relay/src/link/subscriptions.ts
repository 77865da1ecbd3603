import {
  DchatError,
  type Entry,
  encodeError,
  type Frame,
  type InboxItem,
  isSubscription,
  parseSubscriptionParams,
  type SubscriptionParams,
  WINDOW_LIMIT,
} from '@dchat/sdk/wire'
import { needUnrevoked } from '../handlers/certified.ts'
import { nameOf } from '../platform.ts'
import { mayHear } from '../policy/access.ts'
import { withinQuota } from '../policy/quota.ts'
import { Feed, type FeedOutlet, type FeedSource } from './feed.ts'
import type { Link } from './link.ts'
import type { Sender } from './sender.ts'
import { SignalFeed } from './signal-feed.ts'
import { needTopic, topicSource } from './topic-source.ts'

interface Open {
  /** In hex, if what it may read depends on the keys of a topic. */
  readonly topic?: string
  addCredit(credit: number): void
  wake(): void
  close(): void
}

/** The subscriptions of one connection. */
export class Subscriptions {
  readonly #link: Link
  readonly #sender: Sender
  readonly #open = new Map<number, Open>()
  /** Being checked: credit that arrives meanwhile counts. */
  readonly #opening = new Map<number, { credit: number; cancelled: boolean }>()

  constructor(link: Link, sender: Sender) {
    this.#link = link
    this.#sender = sender
  }

  get size(): number {
    return this.#open.size + this.#opening.size
  }

  async subscribe({ id, name, params, credit }: Extract<Frame, { type: 'subscribe' }>): Promise<void> {
    if (this.#open.has(id) || this.#opening.has(id))
      throw new DchatError('protocol/malformed', { format: 'subscribe', reason: 'the id is in use' })
    const opening = { credit, cancelled: false }
    const { address } = this.#link
    const { limits, held } = this.#link.relay
    let begun = false
    try {
      withinQuota('subscriptions of one connection', limits.subscriptions, this.size, 1)
      held.subscriptions.take(address)
    } catch (error) {
      return this.#sendEnd(id, error)
    }
    try {
      if (!isSubscription(name))
        throw new DchatError('protocol/malformed', { format: 'subscribe', reason: 'the name is not known' })
      this.#opening.set(id, opening)
      const begin = await this.#prepare(id, name, params)
      if (opening.cancelled) return
      this.#opening.delete(id)
      this.#link.relay.metrics.subscriptions.inc()
      this.#open.set(id, begin(Math.min(opening.credit, WINDOW_LIMIT)))
      begun = true
    } catch (error) {
      if (!opening.cancelled) this.#sendEnd(id, error)
    } finally {
      this.#opening.delete(id)
      if (!begun) held.subscriptions.give(address)
    }
  }

  credit(id: number, credit: number): void {
    const opening = this.#opening.get(id)
    if (opening) opening.credit += credit
    this.#open.get(id)?.addCredit(credit)
  }

  unsubscribe(id: number): void {
    const opening = this.#opening.get(id)
    if (opening) opening.cancelled = true
    this.#opening.delete(id)
    this.#remove(id)
  }

  /** A key of the topic was shown: what waited for it goes on. */
  proved(topic: string): void {
    for (const open of this.#open.values()) if (open.topic === topic) open.wake()
  }

  closeAll(): void {
    for (const opening of this.#opening.values()) opening.cancelled = true
    for (const id of [...this.#open.keys()]) this.#remove(id)
  }

  #remove(id: number): boolean {
    const open = this.#open.get(id)
    if (!open) return false
    this.#open.delete(id)
    this.#link.relay.held.subscriptions.give(this.#link.address)
    this.#link.relay.metrics.subscriptions.dec()
    open.close()
    return true
  }

  #sendEnd(id: number, error: unknown): void {
    this.#sender.send({ type: 'end', id, ...encodeError(error) })
  }

  #end(id: number, error: unknown): void {
    if (this.#remove(id)) this.#sendEnd(id, error)
  }

  /** Checks the right to subscribe; the result begins the subscription in the same turn in which it is registered. */
  async #prepare(id: number, name: 'topic' | 'inbox' | 'signals', params: unknown): Promise<(credit: number) => Open> {
    const { store } = this.#link.relay
    const { proofs } = this.#link
    if (name === 'inbox') {
      const { device, after } = parseSubscriptionParams(name, params)
      proofs.needDevice(device)
      return (credit) => this.#inbox(id, { device, after }, credit)
    }
    const { topic, ...rest } = parseSubscriptionParams(name, params)
    const { state, upTo } = await needTopic(store, proofs, topic)
    if (name === 'signals') {
      if (!mayHear(state, proofs.topic(topic).proved))
        throw new DchatError('relay/not-permitted', { what: 'no proof of the current topic key' })
      return (credit) => this.#signals(id, topic, credit)
    }
    const { after } = { after: 0, ...rest }
    if (after > state.seq)
      throw new DchatError('relay/lost-entries', { topic: nameOf(topic), seq: state.seq, known: after })
    if (after >= upTo) throw blockedError()
    return (credit) => this.#topic(id, { topic, after }, credit)
  }

  #topic(id: number, { topic, after }: SubscriptionParams<'topic'>, credit: number): Open {
    const { relay, proofs } = this.#link
    const feed = this.#feed<Entry>(id, topicSource(relay.store, proofs, topic), after, credit)
    const leave = relay.entries.add(nameOf(topic), (entry) => {
      // A commit may end what this reader's keys open, so it takes the way that checks.
      if (entry.receipt.kind === 'commit') feed.wake()
      else feed.offer(entry)
    })
    return { ...begin(feed, leave), topic: nameOf(topic) }
  }

  #inbox(id: number, { device, after }: SubscriptionParams<'inbox'>, credit: number): Open {
    const { relay } = this.#link
    const source: FeedSource<InboxItem> = {
      read: async (from, page) => {
        await needUnrevoked(relay, device)
        return { items: await relay.store.inboxItems(device, from, page), blocked: false }
      },
      seqOf: ({ seq }) => seq,
    }
    const feed = this.#feed(id, source, after, credit)
    return begin(
      feed,
      relay.inboxes.add(nameOf(device), () => feed.wake()),
    )
  }

  #signals(id: number, topic: Uint8Array, credit: number): Open {
    const { relay, proofs } = this.#link
    const feed = new SignalFeed(
      {
        access: () => proofs.topic(topic),
        now: () => relay.clock.now(),
        grace: relay.proofGrace,
        send: (body) => this.#sender.send({ type: 'item', id, item: { body } }),
        end: (error) => this.#end(id, error),
        congested: () => this.#sender.congested,
      },
      credit,
    )
    this.#link.signalFeeds.add(feed)
    const leave = relay.signals.add(nameOf(topic), feed)
    return {
      addCredit: (more) => feed.addCredit(more),
      wake: () => undefined,
      close: () => {
        leave()
        this.#link.signalFeeds.delete(feed)
      },
    }
  }

  #feed<T extends object>(id: number, source: FeedSource<T>, after: number, credit: number): Feed<T> {
    const { relay } = this.#link
    const sender = this.#sender
    let grace: AbortController | undefined
    const outlet: FeedOutlet<T> = {
      get congested() {
        return sender.congested
      },
      flowing: () => sender.flowing(),
      item: (item) => {
        relay.metrics.delivered.inc()
        sender.post(relay.items.encode(id, item))
      },
      // A member needs a moment to follow a removal and to show the next key.
      blocked: () => {
        grace = new AbortController()
        relay.clock.sleep(relay.proofGrace, { signal: grace.signal }).then(
          () => this.#end(id, blockedError()),
          () => undefined,
        )
      },
      unblocked: () => grace?.abort(),
      failed: (error) => {
        relay.log.warn('feed-failed', { code: encodeError(error).code })
        this.#end(id, error)
      },
    }
    return new Feed(source, outlet, after, credit, relay.nextTurn)
  }
}

const begin = <T>(feed: Feed<T>, leave: () => void): Open => {
  feed.start()
  return {
    addCredit: (credit) => feed.addCredit(credit),
    wake: () => feed.wake(),
    close: () => {
      leave()
      feed.close()
    },
  }
}

const blockedError = () =>
  new DchatError('relay/not-permitted', { what: 'the shown topic keys do not open what follows' })
