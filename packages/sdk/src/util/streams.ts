/**
 * The next step of a stream, asked for before it is waited for. Whoever is busy meanwhile, or leaves without it, does not
 * have to hear that it failed: awaiting it tells.
 */
export const askAhead = <T>(stream: AsyncIterator<T>): Promise<IteratorResult<T>> => {
  const step = stream.next()
  step.catch(() => undefined)
  return step
}

/** A stream whose source is still being loaded: it begins with the call, and can be ended before it has. */
export const deferredStream = <T>(opening: Promise<AsyncIterator<T>>): AsyncIterableIterator<T> => {
  opening.catch(() => undefined)
  const stream: AsyncIterableIterator<T> = {
    next: async () => (await opening).next(),
    return: async () => {
      await (await opening).return?.()
      return { value: undefined, done: true }
    },
    [Symbol.asyncIterator]: () => stream,
  }
  return stream
}

/** What of a stream is wanted at the moment at which it comes. It begins with the source. */
export const wantedOf = <T>(source: AsyncIterable<T>, wanted: (item: T) => boolean): AsyncIterableIterator<T> => {
  const iterator = source[Symbol.asyncIterator]()
  const stream: AsyncIterableIterator<T> = {
    next: async () => {
      for (;;) {
        const step = await iterator.next()
        if (step.done || wanted(step.value)) return step
      }
    },
    return: async () => {
      await iterator.return?.()
      return { value: undefined, done: true }
    },
    [Symbol.asyncIterator]: () => stream,
  }
  return stream
}
