/**
 * How many requests of all connections may be in work at once. A relay that gets more than it can do leaves the rest with
 * those who ask: their sockets are not read, in place of a queue in memory that grows until it answers nobody in time.
 */
export class WorkBudget {
  readonly #waiting = new Set<() => void>()
  #free: number

  constructor(limit: number) {
    this.#free = limit
  }

  /** True if one more may begin; otherwise `again` is called once, when its turn has come. */
  take(again: () => void): boolean {
    if (this.#free === 0) {
      this.#waiting.add(again)
      return false
    }
    this.#free--
    return true
  }

  /** One has ended. Who is called and cannot begin all the same (its peer does not read) leaves the place to the next. */
  give(): void {
    this.#free++
    while (this.#free > 0) {
      const [next] = this.#waiting
      if (!next) return
      this.#waiting.delete(next)
      next()
    }
  }

  leave(again: () => void): void {
    this.#waiting.delete(again)
  }
}
