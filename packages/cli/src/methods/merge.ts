type Came<T> = { readonly iterator: AsyncIterator<T> } & (
  | { readonly result: IteratorResult<T> }
  | { readonly error: unknown }
)

/** The elements of several sources in the order of their coming, until one ends or fails; `end` ends the others. */
export async function* merge<T>(sources: readonly AsyncIterable<T>[], end: () => void): AsyncGenerator<T> {
  // A queue, so that a source that always has something does not keep the others waiting.
  const came: Came<T>[] = []
  let wake = (): void => {}
  const take = (one: Came<T>): void => {
    came.push(one)
    wake()
  }
  const ask = (iterator: AsyncIterator<T>): void =>
    void iterator.next().then(
      (result) => take({ iterator, result }),
      (error: unknown) => take({ iterator, error }),
    )
  try {
    // All at once, before the first element is waited for: nothing that happens from here on is missed.
    for (const source of sources) ask(source[Symbol.asyncIterator]())
    for (;;) {
      const next = came.shift()
      if (next === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
        continue
      }
      if ('error' in next) throw next.error
      if (next.result.done === true) return
      ask(next.iterator)
      yield next.result.value
    }
  } finally {
    end()
  }
}
