import type { Unlock } from '../../domain/store/store-key.ts'
import type { Storage } from '../../ports/storage.ts'
import type { Address } from '../../records/ids.ts'
import type { Abortable } from '../../util/abort.ts'
import type { BackupProgress } from '../api/backup.ts'

export interface VerifyBackupOptions extends Abortable {
  /** The file from its beginning, in parts of any length. */
  readonly source: AsyncIterable<Uint8Array>
  readonly passphrase: Uint8Array | string
  readonly onProgress?: ((progress: BackupProgress) => void) | undefined
}

export interface ImportBackupOptions extends VerifyBackupOptions {
  /** A folder in Node, the name of an IndexedDB database in browsers: new, empty, or with what an earlier try left. */
  readonly store?: string
  /** How the new store's key is locked; default: by a key that stays beside the store. The same for each try. */
  readonly unlock?: Unlock
  /** What others are told about the program that has the store meanwhile; default: its name. */
  readonly owner?: string
  /** Another storage than the platform's, instead of `store`. The caller closes it. */
  readonly storage?: Storage
  /** 32 bytes that seal `storage`. */
  readonly storeKey?: Uint8Array
}

export interface BackupInfo {
  /** When it was made, by the clock of the device that made it (ms since 1970). */
  readonly createdAt: number
  readonly rows: number
}

export interface ImportedBackup extends BackupInfo {
  /** Whose store it is. */
  readonly address: Address
}

export interface RelockOptions {
  readonly store: string
  /** What opens the store now. */
  readonly unlock: Unlock
  /** Each of these, and nothing else, opens it from now on. */
  readonly next: readonly Unlock[]
}
