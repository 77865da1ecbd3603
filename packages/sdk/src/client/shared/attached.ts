import { DchatError } from '../../errors.ts'
import type { Abortable } from '../../util/abort.ts'
import { type Backend, OwnerGone, type Puller } from './backend.ts'
import type { CallName, StreamName } from './methods.ts'
import type { Facts, OwnerMessage, TabMessage } from './protocol.ts'
import { errorFromWire } from './wire-error.ts'

interface Waiting {
  readonly resolve: (step: IteratorResult<unknown>) => void
  readonly reject: (error: unknown) => void
}

/** The client of another tab, over the channel. */
export class RemoteBackend implements Backend {
  readonly term: string
  readonly #tab: string
  readonly #post: (message: TabMessage) => void
  /** By the id of the call or stream; each waits for one answer at a time. */
  readonly #waiting = new Map<number, Waiting>()
  #facts: Facts
  #lastId = 0
  #over = false

  constructor(tab: string, term: string, facts: Facts, post: (message: TabMessage) => void) {
    this.#tab = tab
    this.term = term
    this.#facts = facts
    this.#post = post
  }

  facts(): Facts {
    return this.#facts
  }

  /** A message of this owner: the answer to a call or `next`, or what it tells everybody. */
  receive(message: OwnerMessage): void {
    if (message.type === 'facts') this.#facts = message.facts
    if (!('id' in message)) return
    const waiting = this.#waiting.get(message.id)
    this.#waiting.delete(message.id)
    if (message.type === 'result') waiting?.resolve({ value: message.value, done: false })
    else if (message.type === 'end') waiting?.resolve({ value: undefined, done: true })
    else waiting?.reject(errorFromWire(message.error))
  }

  async call(name: CallName, args: readonly unknown[], { signal }: Abortable = {}): Promise<unknown> {
    signal?.throwIfAborted()
    const id = this.#nextId()
    const cancel = () => {
      const waiting = this.#waiting.get(id)
      if (!this.#waiting.delete(id)) return
      waiting?.reject(signal?.reason)
      this.#post({ type: 'cancel', term: this.term, tab: this.#tab, id })
    }
    const answer = this.#answer(id, () => this.#begin('call', id, name, args))
    signal?.addEventListener('abort', cancel, { once: true })
    try {
      return (await answer).value
    } finally {
      signal?.removeEventListener('abort', cancel)
    }
  }

  open(name: StreamName, args: readonly unknown[]): Puller {
    const id = this.#nextId()
    const { term } = this
    const tab = this.#tab
    if (!this.#over) this.#begin('open', id, name, args)
    return {
      next: () => this.#answer(id, () => this.#post({ type: 'next', term, tab, id })),
      close: () => {
        this.#waiting.get(id)?.resolve({ value: undefined, done: true })
        this.#waiting.delete(id)
        if (!this.#over) this.#post({ type: 'cancel', term, tab, id })
      },
    }
  }

  /** The owner is no more: everything that waits for it is told. */
  drop(): void {
    this.#over = true
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { reject } of waiting) reject(new OwnerGone())
  }

  #begin(type: 'call' | 'open', id: number, method: string, args: readonly unknown[]): void {
    try {
      this.#post({ type, term: this.term, tab: this.#tab, id, method, args })
    } catch (cause) {
      // Functions, proxies and the like do not travel.
      const details = { name: 'arguments', reason: 'they are not plain data' }
      throw new DchatError('usage/invalid-argument', details, { cause })
    }
  }

  /** Registers before it asks, so that no answer can be missed. */
  #answer(id: number, ask: () => void): Promise<IteratorResult<unknown>> {
    return new Promise((resolve, reject) => {
      if (this.#over) {
        reject(new OwnerGone())
        return
      }
      this.#waiting.set(id, { resolve, reject })
      try {
        ask()
      } catch (error) {
        this.#waiting.delete(id)
        reject(error)
      }
    })
  }

  #nextId(): number {
    this.#lastId += 1
    return this.#lastId
  }
}
