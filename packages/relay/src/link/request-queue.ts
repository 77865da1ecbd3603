import { DchatError, encodeError, type Frame, isDchatError } from '@dchat/sdk/wire'
import type { Sender } from './sender.ts'

/**
 * The requests of one connection: started in the order in which they came, at most `limit` in work, none while the peer
 * does not read its answers. `full` tells the connection to stop reading from its socket.
 */
export class RequestQueue<R extends { readonly id: number }> {
  readonly #limit: number
  readonly #answer: (request: R) => Promise<Frame>
  readonly #sender: Sender
  readonly #changed: () => void
  readonly #waiting: R[] = []
  /** In work: true unless the client has cancelled it. */
  readonly #working = new Map<number, boolean>()
  #idle: (() => void)[] = []
  #stopped = false

  constructor(limit: number, answer: (request: R) => Promise<Frame>, sender: Sender, changed: () => void) {
    this.#limit = limit
    this.#answer = answer
    this.#sender = sender
    this.#changed = changed
  }

  get full(): boolean {
    return this.#working.size >= this.#limit || this.#waiting.length > 0
  }

  /** Throws `protocol/malformed` for an id that is in use. After `stop` nothing new is taken. */
  push(request: R): void {
    if (this.#stopped) return
    if (this.#working.has(request.id) || this.#waiting.some(({ id }) => id === request.id))
      throw new DchatError('protocol/malformed', { format: 'request', reason: 'the id is in use' })
    this.#waiting.push(request)
    this.run()
  }

  /** Its answer is not sent; what it has begun to write is written all the same. */
  cancel(id: number): void {
    const place = this.#waiting.findIndex((request) => request.id === id)
    if (place >= 0) this.#waiting.splice(place, 1)
    else if (this.#working.has(id)) this.#working.set(id, false)
  }

  run(): void {
    while (this.#waiting.length > 0 && this.#working.size < this.#limit && !this.#sender.congested) {
      const request = this.#waiting.shift() as R
      this.#working.set(request.id, true)
      void this.#work(request)
    }
    this.#changed()
  }

  /** What waits is dropped; what is in work is finished and answered. */
  stop(): void {
    this.#stopped = true
    this.#waiting.length = 0
  }

  idle(): Promise<void> {
    return this.#working.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve))
  }

  async #work(request: R): Promise<void> {
    const answer = await this.#answer(request)
    const wanted = this.#working.get(request.id)
    this.#working.delete(request.id)
    if (wanted) this.#reply(request.id, answer)
    if (this.#working.size === 0) for (const resolve of this.#idle.splice(0)) resolve()
    this.run()
  }

  #reply(id: number, answer: Frame): void {
    try {
      this.#sender.send(answer)
    } catch (error) {
      if (!isDchatError(error)) throw error
      this.#sender.send({ type: 'error', id, ...encodeError(error) })
    }
  }
}
