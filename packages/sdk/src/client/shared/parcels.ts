import type { BackupProgress, Client } from '../client.ts'

/** A part of the file, and how far it is. */
interface Parcel {
  readonly bytes: Uint8Array
  readonly progress: BackupProgress
}

/** A backup as one tab makes it for another. */
export async function* parcels(
  client: Client,
  passphrase: Uint8Array | string,
  signal: AbortSignal,
): AsyncGenerator<Parcel> {
  let progress: BackupProgress = { done: 0, total: 0 }
  const onProgress = (now: BackupProgress) => {
    progress = now
  }
  for await (const bytes of client.backup.export({ passphrase, signal, onProgress })) yield { bytes, progress }
}
