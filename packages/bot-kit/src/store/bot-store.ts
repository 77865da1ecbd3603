/** What a bot keeps for itself: values that survive JSON, by key. Durable when `set` resolves. */
export interface BotStore {
  get(key: string): Promise<unknown>
  set(key: string, value: unknown): Promise<void>
  delete(key: string): Promise<void>
  close(): Promise<void>
}

const memoryOf = (rows: Map<string, string>): BotStore => ({
  get: async (key) => {
    const text = rows.get(key)
    return text === undefined ? undefined : JSON.parse(text)
  },
  set: async (key, value) => {
    rows.set(key, JSON.stringify(value))
  },
  delete: async (key) => {
    rows.delete(key)
  },
  close: async () => undefined,
})

/** A store that ends with the program. */
export const memoryBotStore = (): BotStore => memoryOf(new Map())

interface Kept {
  /** The event that wrote it, and what stood there before. */
  readonly event: string
  readonly before?: unknown
  readonly value?: unknown
}

export interface Cell<T> {
  readonly value: T | undefined
  /** Undefined: there is none any more. */
  save(value: T | undefined): Promise<void>
}

/**
 * A value as an event finds it. An event that is handled again after a kill finds what it found the first time, so what
 * it changes is changed once.
 */
export const openCell = async <T>(store: BotStore, key: string, event: string): Promise<Cell<T>> => {
  const kept = (await store.get(key)) as Kept | undefined
  const found = kept?.event === event ? kept.before : kept?.value
  return {
    // The caller may change it in place; what stood there before stays.
    value: structuredClone(found) as T | undefined,
    save: (value) =>
      store.set(key, { event, ...(found !== undefined && { before: found }), ...(value !== undefined && { value }) }),
  }
}
