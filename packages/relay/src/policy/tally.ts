import { withinQuota } from './quota.ts'

/** How many of something are held: by each name, and in all. */
export class Tally {
  readonly #what: string
  readonly #ofOne: number
  readonly #ofAll: number
  readonly #few: number
  readonly #held = new Map<string, number>()
  #all = 0

  /** `few`: so many each name may hold also where all together are at their limit; others' floods do not shut it out. */
  constructor(what: string, ofOne: number, ofAll: number, few = 0) {
    this.#what = what
    this.#ofOne = ofOne
    this.#ofAll = ofAll
    this.#few = few
  }

  get all(): number {
    return this.#all
  }

  /** Throws `relay/quota` if there is no room for one more. */
  check(name: string): void {
    const held = this.#held.get(name) ?? 0
    withinQuota(`${this.#what} of one network address`, this.#ofOne, held, 1)
    if (held >= this.#few) withinQuota(`${this.#what} of all`, this.#ofAll, this.#all, 1)
  }

  add(name: string): void {
    this.#held.set(name, (this.#held.get(name) ?? 0) + 1)
    this.#all++
  }

  /** Throws `relay/quota`. */
  take(name: string): void {
    this.check(name)
    this.add(name)
  }

  give(name: string, count = 1): void {
    const left = (this.#held.get(name) ?? 0) - count
    if (left > 0) this.#held.set(name, left)
    else this.#held.delete(name)
    this.#all -= count
  }
}
