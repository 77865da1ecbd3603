import { DchatError, encodeError, type Frame } from '@dchat/sdk/wire'
import type { Sender } from './sender.ts'
import type { WorkBudget } from './work-budget.ts'

export interface RequestLimits<R> {
  /** In work at once. */
  readonly all: number
  /** Bytes of requests that wait or are in work; the one that goes beyond is still taken. */
  readonly bytes: number
  /** In work at once of those with large answers: their product with the frame limit is what one peer can make us hold. */
  readonly large: number
  readonly isLarge: (request: R) => boolean
  /** What all connections share, but for requests that only wait for somebody else. */
  readonly budget: WorkBudget
  readonly waits: (request: R) => boolean
}

/**
 * The requests of one connection: started in the order in which they came, a bounded number in work, none while the peer
 * does not read its answers. `full` tells the connection to stop reading from its socket.
 */
export class RequestQueue<R extends { readonly id: number }> {
  readonly #limits: RequestLimits<R>
  readonly #answer: (request: R) => Promise<Frame>
  readonly #sender: Sender
  readonly #changed: () => void
  readonly #waiting: { readonly request: R; readonly size: number }[] = []
  /** In work: true unless the client has cancelled it. */
  readonly #working = new Map<number, boolean>()
  #idle: (() => void)[] = []
  #large = 0
  #bytes = 0
  #stopped = false

  constructor(limits: RequestLimits<R>, answer: (request: R) => Promise<Frame>, sender: Sender, changed: () => void) {
    this.#limits = limits
    this.#answer = answer
    this.#sender = sender
    this.#changed = changed
  }

  get full(): boolean {
    return this.#waiting.length > 0 || this.#working.size >= this.#limits.all || this.#bytes >= this.#limits.bytes
  }

  /** Throws `protocol/malformed` for an id that is in use. After `stop` nothing new is taken. `size` in bytes. */
  push(request: R, size: number): void {
    if (this.#stopped) return
    if (this.#working.has(request.id) || this.#waiting.some((held) => held.request.id === request.id))
      throw new DchatError('protocol/malformed', { format: 'request', reason: 'the id is in use' })
    this.#waiting.push({ request, size })
    this.#bytes += size
    this.run()
  }

  /** Its answer is not sent; what it has begun to write is written all the same. */
  cancel(id: number): void {
    const place = this.#waiting.findIndex(({ request }) => request.id === id)
    if (place >= 0) for (const { size } of this.#waiting.splice(place, 1)) this.#bytes -= size
    else if (this.#working.has(id)) this.#working.set(id, false)
  }

  readonly run = (): void => {
    for (let next = this.#waiting[0]; next && this.#mayStart(next.request); next = this.#waiting[0]) {
      this.#waiting.shift()
      this.#working.set(next.request.id, true)
      void this.#work(next.request, next.size)
    }
    this.#changed()
  }

  /** What waits is dropped; what is in work is finished and answered. */
  stop(): void {
    this.#stopped = true
    this.#limits.budget.leave(this.run)
    for (const { size } of this.#waiting.splice(0)) this.#bytes -= size
  }

  idle(): Promise<void> {
    return this.#working.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve))
  }

  #mayStart(request: R): boolean {
    if (this.#working.size >= this.#limits.all || this.#sender.congested) return false
    if (this.#large >= this.#limits.large && this.#limits.isLarge(request)) return false
    return this.#limits.waits(request) || this.#limits.budget.take(this.run)
  }

  async #work(request: R, size: number): Promise<void> {
    const large = this.#limits.isLarge(request) ? 1 : 0
    this.#large += large
    const answer = await this.#answer(request)
    this.#large -= large
    this.#bytes -= size
    const wanted = this.#working.get(request.id)
    this.#working.delete(request.id)
    if (wanted) this.#reply(request.id, answer)
    if (this.#working.size === 0) for (const resolve of this.#idle.splice(0)) resolve()
    if (!this.#limits.waits(request)) this.#limits.budget.give()
    this.run()
  }

  #reply(id: number, answer: Frame): void {
    try {
      this.#sender.send(answer)
    } catch (error) {
      // It does not fit into a frame, or cannot be encoded: the client learns that there is no answer.
      this.#sender.send({ type: 'error', id, ...encodeError(error) })
    }
  }
}
