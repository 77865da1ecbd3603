/** Something that will happen. */
export interface Timer {
  cancel(): void
}

interface Entry {
  readonly at: number
  readonly order: number
  fire: (() => void) | undefined
}

const before = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)

/** Simulated time and what is due when. Of two things at one moment the one that was planned first goes first. */
export class Scheduler {
  #now: number
  #order = 0
  /** A binary heap; cancelled entries stay until they come to the top. */
  readonly #heap: Entry[] = []

  constructor(start: number) {
    this.#now = start
  }

  get now(): number {
    return this.#now
  }

  after(ms: number, fire: () => void): Timer {
    const wait = Math.max(0, Math.ceil(ms))
    const entry: Entry = { at: this.#now + wait, order: this.#order++, fire }
    this.#push(entry)
    return {
      cancel: () => {
        entry.fire = undefined
      },
    }
  }

  /** When the next thing is due; undefined if nothing is. */
  next(): number | undefined {
    while (this.#heap[0] && !this.#heap[0].fire) this.#pop()
    return this.#heap[0]?.at
  }

  /** Goes to the next thing and lets it happen. */
  step(): void {
    if (this.next() === undefined) return
    const entry = this.#pop()
    this.#now = entry.at
    const { fire } = entry
    entry.fire = undefined
    fire?.()
  }

  /** Time without anything happening: not past what is due. */
  pass(until: number): void {
    this.#now = Math.max(this.#now, until)
  }

  #push(entry: Entry): void {
    const heap = this.#heap
    let at = heap.push(entry) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!before(entry, heap[parent] as Entry)) break
      heap[at] = heap[parent] as Entry
      at = parent
    }
    heap[at] = entry
  }

  #pop(): Entry {
    const heap = this.#heap
    const top = heap[0] as Entry
    const last = heap.pop() as Entry
    if (heap.length === 0) return top
    let at = 0
    while (true) {
      const left = 2 * at + 1
      if (left >= heap.length) break
      const right = left + 1
      const child = right < heap.length && before(heap[right] as Entry, heap[left] as Entry) ? right : left
      if (!before(heap[child] as Entry, last)) break
      heap[at] = heap[child] as Entry
      at = child
    }
    heap[at] = last
    return top
  }
}
