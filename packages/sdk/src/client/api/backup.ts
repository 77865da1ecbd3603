import type { Abortable } from '../../util/abort.ts'

export interface BackupProgress {
  readonly done: number
  /** Rows in all. */
  readonly total: number
}

export interface Backups {
  /**
   * The whole store in one encrypted file, as chunks to be written one after the other. It opens with this passphrase
   * alone (backup.md). The state is that of one moment; work goes on meanwhile.
   */
  export(
    options: Abortable & {
      readonly passphrase: Uint8Array | string
      readonly onProgress?: (progress: BackupProgress) => void
    },
  ): AsyncIterable<Uint8Array>
}
