import { writeBackup } from '../../domain/backup/write.ts'
import type { Backups } from '../api/backup.ts'
import type { Core } from '../core.ts'
import { snapshotOf } from './snapshot.ts'

/** The store in one encrypted file, in parts. The moment is that at which the key is made from the passphrase. */
export const exportBackup = (
  { store, crypto, clock, signal: closing }: Pick<Core, 'store' | 'crypto' | 'clock' | 'signal'>,
  { passphrase, onProgress, signal }: Parameters<Backups['export']>[0],
): AsyncGenerator<Uint8Array> => {
  const both = AbortSignal.any([closing, ...(signal === undefined ? [] : [signal])])
  return writeBackup(crypto, passphrase, () => snapshotOf(store, clock.now(), { signal: both, onProgress }))
}
