import type { Service } from '../methods/types.ts'

/** Somebody who answers the methods: this process as owner of the store, or the process that is. */
export interface Peer extends Service {
  readonly role: 'owner' | 'attached'
  readonly relays: readonly string[]
  /** Idempotent. */
  close(): Promise<void>
}
