import type { Abortable } from '../../src/index.ts'

/** What a live stream gives from now on. */
export interface Heard<T> {
  readonly items: readonly T[]
  /** Resolves with the first item that is as wanted, among those after `from`. */
  until(wanted: (item: T) => boolean, from?: number): Promise<T>
  stop(): Promise<void>
}

export const listenTo = <T>(open: (options: Abortable) => AsyncIterable<T>): Heard<T> => {
  const items: T[] = []
  const over = new AbortController()
  const waiting = new Set<() => void>()
  const stream = open({ signal: over.signal })
  const ended = (async () => {
    for await (const item of stream) {
      items.push(item)
      for (const look of [...waiting]) look()
    }
  })().catch(() => undefined)
  const until = (wanted: (item: T) => boolean, from = 0): Promise<T> =>
    new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`not heard among ${JSON.stringify(items)}`)), 55_000)
      const look = () => {
        const found = items.slice(from).find(wanted)
        if (found === undefined) return
        clearTimeout(late)
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      look()
    })
  const stop = (): Promise<void> => {
    over.abort()
    return ended
  }
  return { items, until, stop }
}
