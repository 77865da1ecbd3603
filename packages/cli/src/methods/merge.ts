/** The elements of several sources as they come, until one ends or fails. Whoever stops taking ends the sources. */
export async function* merge<T>(sources: readonly AsyncIterable<T>[], end: () => void): AsyncGenerator<T> {
  const iterators = sources.map((source) => source[Symbol.asyncIterator]())
  const nextOf = (index: number) => (iterators[index] as AsyncIterator<T>).next().then((result) => ({ index, result }))
  // All at once, before the first element is waited for: nothing that happens from here on is missed.
  const waiting = iterators.map((_, index) => nextOf(index))
  try {
    for (;;) {
      const { index, result } = await Promise.race(waiting)
      if (result.done === true) return
      waiting[index] = nextOf(index)
      yield result.value
    }
  } finally {
    end()
    for (const one of waiting) one.catch(() => {})
  }
}
