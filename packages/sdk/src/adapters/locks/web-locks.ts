import { DchatError } from '../../errors.ts'
import type { Lock, Locks } from '../../ports/locks.ts'

/** The part of the Web Locks API that is used; windows and workers have it on secure pages. */
export interface LockManager {
  request<T>(
    name: string,
    options: { readonly signal?: unknown; readonly steal?: boolean },
    callback: (lock: unknown) => Promise<T>,
  ): Promise<T>
}

type Request = Parameters<LockManager['request']>[1]

/**
 * Web Locks (W3C): one holder among all tabs and workers of an origin; the browser frees the locks of those that die.
 * Throws `storage/unavailable` where there are none, as on pages that came over plain http.
 */
export const webLocks = (
  manager: LockManager | undefined = (globalThis as { navigator?: { locks?: LockManager } }).navigator?.locks,
): Locks => {
  if (manager === undefined)
    throw new DchatError(
      'storage/unavailable',
      { store: 'of this browser', reason: 'Web Locks are missing' },
      { hint: 'Serve the page over https (or from localhost), and use a browser of 2022 or later.' },
    )
  return {
    // The specification knows no way to take a waiting thief out of the line: it never waits.
    acquire: async (name, { signal, steal } = {}) => {
      signal?.throwIfAborted()
      try {
        return await request(manager, name, steal ? { steal } : signal ? { signal } : {})
      } catch (error) {
        signal?.throwIfAborted()
        throw error
      }
    },
  }
}

/** Resolves once the lock is held. */
const request = (manager: LockManager, name: string, options: Request): Promise<Lock> =>
  new Promise((resolve, reject) => {
    const lost = new AbortController()
    let hasEnded = false
    const held = manager.request(name, options, async () => {
      await new Promise<void>((release) => {
        resolve({
          lost: lost.signal,
          release: () => {
            hasEnded = true
            release()
          },
        })
      })
    })
    held.catch((error: unknown) => {
      // Either it was never granted, or somebody stole it.
      reject(error)
      if (!hasEnded) lost.abort(error)
    })
  })
