import { askAhead } from './streams.ts'

/** Hands out what is there already as one array (at most `max`), so that a consumer can pay for it once. */
export async function* batches<T>(source: AsyncIterable<T>, max: number): AsyncGenerator<readonly T[]> {
  const iterator = source[Symbol.asyncIterator]()
  let next = askAhead(iterator)
  try {
    while (true) {
      const first = await next
      if (first.done) return
      const batch = [first.value]
      next = askAhead(iterator)
      while (batch.length < max) {
        // What came before a failure is handed out before it.
        const ready = await Promise.race([next, settledNow()]).catch(() => undefined)
        if (ready === undefined || ready.done) break
        batch.push(ready.value)
        next = askAhead(iterator)
      }
      yield batch
    }
  } finally {
    await iterator.return?.()
  }
}

/** A few turns of the microtask queue: what does not arrive by then would have to be waited for. */
const settledNow = async (): Promise<undefined> => {
  for (let turn = 0; turn < 8; turn++) await Promise.resolve()
  return undefined
}

/** The list in pieces of at most so many. */
export const inChunks = <T>(list: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, at) => list.slice(at * size, (at + 1) * size))
