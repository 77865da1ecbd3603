import { DchatError } from '../../errors.ts'
import type { Locks } from '../../ports/locks.ts'
import type { Puller } from './backend.ts'
import type { LocalBackend } from './local.ts'
import { isCall, isStream } from './methods.ts'
import type { OwnerMessage, TabMessage } from './protocol.ts'
import { errorToWire } from './wire-error.ts'

export interface HostOptions {
  readonly term: string
  readonly backend: LocalBackend
  readonly post: (message: OwnerMessage) => void
  readonly locks: Locks
  /** Each tab holds a lock of this name as long as it lives. */
  readonly lifeOf: (tab: string) => string
}

type To<T> = T extends OwnerMessage ? Omit<T, 'term' | 'to'> : never
type Answer = To<Extract<OwnerMessage, { readonly to: string }>>

/** One attached tab. */
interface Session {
  readonly over: AbortController
  readonly calls: Map<number, AbortController>
  readonly streams: Map<number, Puller>
}

/** The tab that has the store works for the others. */
export class Host {
  readonly #options: HostOptions
  readonly #sessions = new Map<string, Session>()
  readonly #watching = new AbortController()
  #stopped = false

  constructor(options: HostOptions) {
    this.#options = options
    void this.#watchLinks()
  }

  receive(message: TabMessage): void {
    const { term, backend } = this.#options
    if (this.#stopped) return
    switch (message.type) {
      case 'hello':
        if (!this.#sessions.has(message.tab)) this.#begin(message.tab)
        if (message.online && !backend.connector.wanted) {
          backend.connector.start()
          this.#tellFacts()
        }
        this.#say(message.tab, { type: 'welcome', facts: backend.facts() })
        return
      case 'ping':
        this.#say(message.tab, { type: 'pong' })
        return
      case 'gone':
        this.#end(message.tab)
        return
      default:
        // For somebody who was here before.
        if (message.term !== term) return
        this.#work(message)
    }
  }

  /** Answers nobody from now on, and tells them. */
  stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    this.#watching.abort()
    for (const tab of [...this.#sessions.keys()]) this.#end(tab)
    this.#options.post({ type: 'bye', term: this.#options.term })
  }

  #work(message: Extract<TabMessage, { readonly id: number }>): void {
    const { tab, id } = message
    const session = this.#sessions.get(tab)
    if (session === undefined) return this.#say(tab, { type: 'unknown' })
    switch (message.type) {
      case 'call':
        void this.#call(session, message)
        return
      case 'open':
        this.#open(session, message)
        return
      case 'next':
        void this.#next(session, tab, id)
        return
      case 'cancel':
        session.calls.get(id)?.abort()
        session.streams.get(id)?.close()
        session.streams.delete(id)
    }
  }

  async #call(
    session: Session,
    { tab, id, method, args }: Extract<TabMessage, { readonly method: string }>,
  ): Promise<void> {
    const { calls } = session
    if (calls.has(id)) return
    const cancelled = new AbortController()
    calls.set(id, cancelled)
    try {
      if (!isCall(method)) throw unknownMethod(method)
      const answer = this.#options.backend.call(method, args, cancelled)
      if (method === 'connect') this.#tellFacts()
      const value = await answer
      // They know the relays when they know that they are connected.
      if (method === 'connect' || method === 'sync' || method.startsWith('homeRelays')) this.#tellFacts()
      if (!cancelled.signal.aborted) this.#say(tab, { type: 'result', id, value })
    } catch (error) {
      if (!cancelled.signal.aborted) this.#say(tab, { type: 'failure', id, error: errorToWire(error) })
    } finally {
      calls.delete(id)
    }
  }

  #open({ streams }: Session, { tab, id, method, args }: Extract<TabMessage, { readonly method: string }>): void {
    if (streams.has(id)) return
    try {
      if (!isStream(method)) throw unknownMethod(method)
      streams.set(id, this.#options.backend.open(method, args))
    } catch (error) {
      this.#say(tab, { type: 'failure', id, error: errorToWire(error) })
    }
  }

  async #next({ streams }: Session, tab: string, id: number): Promise<void> {
    const puller = streams.get(id)
    if (puller === undefined) return
    try {
      const { value, done } = await puller.next()
      if (streams.get(id) !== puller) return
      if (done) streams.delete(id)
      this.#say(tab, done ? { type: 'end', id } : { type: 'result', id, value })
    } catch (error) {
      if (!streams.delete(id)) return
      this.#say(tab, { type: 'failure', id, error: errorToWire(error) })
    }
  }

  #begin(tab: string): void {
    const session: Session = { over: new AbortController(), calls: new Map(), streams: new Map() }
    this.#sessions.set(tab, session)
    void this.#outlive(tab, session)
  }

  /** The platform gives the lock of a tab's life to us when the tab is no more. */
  async #outlive(tab: string, { over }: Session): Promise<void> {
    const { locks, lifeOf } = this.#options
    try {
      const lock = await locks.acquire(lifeOf(tab), over)
      lock.release()
      this.#end(tab)
    } catch {
      // It said itself that it goes, or this tab stopped.
    }
  }

  #end(tab: string): void {
    const session = this.#sessions.get(tab)
    if (session === undefined) return
    this.#sessions.delete(tab)
    session.over.abort()
    for (const call of session.calls.values()) call.abort()
    for (const puller of session.streams.values()) puller.close()
    session.streams.clear()
    // Should it live after all, it comes again.
    this.#say(tab, { type: 'unknown' })
  }

  /** What every tab knows without asking. */
  #tellFacts(): void {
    const { backend, post, term } = this.#options
    if (!this.#stopped) post({ type: 'facts', term, facts: backend.facts() })
  }

  async #watchLinks(): Promise<void> {
    const { backend } = this.#options
    const states = backend.open('links.states', [])
    this.#watching.signal.addEventListener('abort', () => states.close(), { once: true })
    try {
      while (!(await states.next()).done) this.#tellFacts()
    } catch {
      // It ends with the client.
    }
  }

  #say(to: string, answer: Answer): void {
    if (this.#stopped) return
    const { post, term } = this.#options
    post({ ...answer, term, to } as OwnerMessage)
  }
}

const unknownMethod = (name: string) =>
  new DchatError('usage/invalid-argument', { name: 'method', reason: `there is no "${name}"` })
