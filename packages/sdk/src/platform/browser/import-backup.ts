import { systemClock } from '../../adapters/clock/system-clock.ts'
import { webCrypto } from '../../adapters/crypto/web.ts'
import { webLocks } from '../../adapters/locks/web-locks.ts'
import { importBackup } from '../../client/backup/import.ts'
import type { ImportBackupOptions, ImportedBackup } from '../../client/backup/options.ts'
import { lockOf } from '../../client/shared/seat.ts'
import { DchatError } from '../../errors.ts'
import type { Lock } from '../../ports/locks.ts'
import type { Abortable } from '../../util/abort.ts'
import { within } from '../../util/wait.ts'
import { givenStore, nowhere } from '../given-store.ts'
import type { Where } from '../where.ts'
import { openBrowserStore } from './open-store.ts'

/** ms that another tab gets to let go of the store: one that works with it does not. */
const PATIENCE = 1_000

/** Reads a backup into a store of this browser; tabs that want to open it meanwhile wait. */
export const intoBrowserStore = async (options: ImportBackupOptions, where: Where): Promise<ImportedBackup> => {
  if (where.kind === 'memory') throw nowhere()
  const crypto = webCrypto()
  const releases: (() => Promise<void> | void)[] = []
  try {
    return await importBackup({ crypto, clock: systemClock() }, options, async () => {
      if (where.kind === 'given') return { name: 'storage', store: givenStore(options, where.storage, crypto) }
      const name = where.name ?? ''
      const lock = await lockFor(name, options)
      releases.push(() => lock.release())
      const opened = await openBrowserStore({ name, create: true, ...(options.unlock && { unlock: options.unlock }) })
      releases.push(() => opened.close())
      return { name, store: opened.store }
    })
  } finally {
    for (const release of releases.reverse()) await release()
  }
}

export const lockFor = async (name: string, { signal }: Abortable): Promise<Lock> => {
  let lock: Lock | undefined
  const taken = async (over: AbortSignal) => {
    lock = await webLocks().acquire(lockOf(name), { signal: over })
  }
  await within(systemClock(), PATIENCE, taken, { signal })
  if (lock !== undefined) return lock
  throw new DchatError('storage/in-use', { store: name, owner: 'another tab' })
}
