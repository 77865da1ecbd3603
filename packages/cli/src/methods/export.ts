import type { Engine } from './engine.ts'
import type { Streams } from './types.ts'

/** The store in one encrypted file, whoever writes it down. No relay is asked. */
export async function* exportBackup(
  { client }: Engine,
  { passphrase }: Streams['export']['params'],
  signal: AbortSignal,
): AsyncGenerator<Streams['export']['item']> {
  let progress = { done: 0, total: 0 }
  const parts = client.backup.export({
    passphrase,
    signal,
    onProgress: (now) => {
      progress = now
    },
  })
  for await (const part of parts) yield { bytes: Buffer.from(part).toString('base64'), ...progress }
}
