import { type BackupCrypto, type Cost, makeHeader } from './header.ts'
import { type BackupRow, CONTENT_VERSION, encodeRecord, type Manifest } from './records.ts'
import { sealStream } from './stream.ts'

export interface BackupContent extends Manifest {
  /** As many as `rows` says. */
  readonly all: AsyncIterable<BackupRow>
  /** Nothing more is asked for. */
  close(): Promise<void>
}

/** A backup file in parts, to be written one after the other (backup.md). `open` is called once the key is made, before the first. */
export async function* writeBackup(
  crypto: BackupCrypto,
  passphrase: Uint8Array | string,
  open: () => Promise<BackupContent>,
  cost?: Cost,
): AsyncGenerator<Uint8Array> {
  const { header, key } = await makeHeader(crypto, passphrase, cost)
  const content = await open()
  try {
    yield header
    yield* sealStream(crypto.aead, key, recordsOf(content))
  } finally {
    await content.close()
  }
}

async function* recordsOf({ createdAt, rows, all }: BackupContent): AsyncGenerator<Uint8Array> {
  const first = encodeRecord({ kind: 'manifest', version: CONTENT_VERSION, createdAt, rows })
  yield first
  let count = 0
  let bytes = first.length
  for await (const row of all) {
    const record = encodeRecord({ kind: 'row', ...row })
    count++
    bytes += record.length
    yield record
  }
  yield encodeRecord({ kind: 'end', rows: count, bytes })
}
