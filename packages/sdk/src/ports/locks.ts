import type { Abortable } from '../util/abort.ts'

/** One holder at a time among all programs of one origin; the platform frees it when its holder dies. */
export interface Lock {
  /** Aborted when somebody stole the lock: from then on this holder is not the holder. */
  readonly lost: AbortSignal
  /** Idempotent. */
  release(): void
}

export interface Locks {
  /** Waits in line; `steal` takes it from its holder at once. Rejects with the signal's reason when aborted. */
  acquire(name: string, options?: Abortable & { steal?: boolean }): Promise<Lock>
}
