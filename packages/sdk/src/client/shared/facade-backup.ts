import type { Abortable } from '../../util/abort.ts'
import type { BackupProgress, Backups } from '../client.ts'
import type { Desk } from './desk.ts'
import { wholeStream } from './streams.ts'

export const sharedBackups = (desk: Desk): Backups => ({
  export: ({ passphrase, onProgress, signal }) => unpacked(desk, passphrase, onProgress, { signal }),
})

async function* unpacked(
  desk: Desk,
  passphrase: Uint8Array | string,
  onProgress: ((progress: BackupProgress) => void) | undefined,
  options: Abortable,
): AsyncGenerator<Uint8Array> {
  for await (const { bytes, progress } of wholeStream(desk, 'backup.export', [passphrase], 'backup', options)) {
    if (progress.total > 0) onProgress?.(progress)
    yield bytes
  }
}
