/** A piece of a list. */
export interface Page<T> {
  readonly items: readonly T[]
  /** Give it back as `before` (or `after`) for the next page; absent at the end. */
  readonly next?: string
}
