import type { Abortable } from './abort.ts'
import { abortable } from './wait.ts'

/** From one hand into another: who gives goes on when it was taken. */
export class Handover<T> {
  #given: { readonly value: T; readonly taken: () => void } | undefined
  #wake: (() => void) | undefined
  #over = false
  #failure: { readonly error: unknown } | undefined

  /** Resolves when the value was taken: false if nobody takes any more. Rejects with the signal's reason. */
  async give(value: T, options: Abortable): Promise<boolean> {
    if (this.#over) return false
    const taken = new Promise<void>((resolve) => {
      this.#given = { value, taken: resolve }
    })
    this.#wake?.()
    await abortable(taken, options)
    return !this.#over
  }

  /** Nothing more is given; with an error, it is what the taker gets. */
  end(failure?: { readonly error: unknown }): void {
    this.#over = true
    this.#failure ??= failure
    this.#wake?.()
  }

  /** What is given, until the end. Leaving tells the giver. */
  async *taken(): AsyncGenerator<T> {
    try {
      while (true) {
        const given = this.#given
        if (given !== undefined) {
          this.#given = undefined
          given.taken()
          yield given.value
        } else if (this.#over) {
          if (this.#failure !== undefined) throw this.#failure.error
          return
        } else await new Promise<void>((resolve) => (this.#wake = resolve))
      }
    } finally {
      this.#over = true
      this.#given?.taken()
    }
  }
}
