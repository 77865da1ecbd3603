import { isRecord } from '../rpc/message.ts'

/** Asked first on every connection: whether this is the store that was meant, and whether both speak the same. */
export const GREETING = 'hello'

/** Grows when a method changes its meaning; additions do not count. */
export const LOCAL_PROTOCOL = 1

export interface Greeting {
  readonly protocol: number
  /** The folder of the store. */
  readonly store: string
  readonly pid: number
  readonly relays: readonly string[]
}

export const parseGreeting = (value: unknown): Greeting | undefined => {
  if (!isRecord(value)) return undefined
  const { protocol, store, pid, relays } = value
  if (typeof protocol !== 'number' || typeof store !== 'string' || typeof pid !== 'number') return undefined
  if (!Array.isArray(relays) || !relays.every((relay) => typeof relay === 'string')) return undefined
  return { protocol, store, pid, relays }
}
