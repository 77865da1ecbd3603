import { DchatError } from '../../errors.ts'
import { ByteSource } from '../../util/byte-source.ts'
import { damaged } from './damaged.ts'
import { type BackupCrypto, type Opened, openHeader } from './header.ts'
import { type BackupRow, CONTENT_VERSION, type Manifest, readRecord } from './records.ts'
import { openStream } from './stream.ts'

export interface OpenBackup extends Manifest {
  /** The same for the same file, and for no other. */
  readonly id: Uint8Array
  /** Every row once; throws `backup/damaged` where something is not as it was written. Only its end is proof of the whole. */
  readonly all: AsyncIterable<BackupRow>
  /** Gives the source back before its end. */
  close(): Promise<void>
}

/**
 * Opens a backup that comes in parts of any length. Throws `backup/damaged`, `protocol/unsupported-version`,
 * `identity/wrong-passphrase` and `crypto/out-of-memory`.
 */
export const openBackup = async (
  crypto: BackupCrypto,
  source: AsyncIterable<Uint8Array>,
  passphrase: Uint8Array | string,
): Promise<OpenBackup> => {
  const file = new ByteSource(source)
  try {
    const { id, key } = await openHeader(crypto, file, passphrase)
    const plain = new ByteSource(openStream(crypto.aead, key, file))
    return await withManifest(file, plain, id)
  } catch (error) {
    await file.close()
    throw error
  }
}

const withManifest = async (file: ByteSource, plain: ByteSource, id: Opened['id']): Promise<OpenBackup> => {
  const first = await readRecord(plain)
  if (first?.record.kind !== 'manifest') throw damaged('it does not say what it holds')
  const { version, createdAt, rows } = first.record
  if (version > CONTENT_VERSION)
    throw new DchatError('protocol/unsupported-version', { found: [version], supported: [CONTENT_VERSION] })
  return { id, createdAt, rows, all: rowsOf(plain, rows, first.bytes), close: () => file.close() }
}

async function* rowsOf(plain: ByteSource, rows: number, before: number): AsyncGenerator<BackupRow> {
  let bytes = before
  for (let count = 0; ; count++) {
    const next = await readRecord(plain)
    if (next?.record.kind === 'row' && count < rows) {
      const { kind: _, ...row } = next.record
      bytes += next.bytes
      yield row
      continue
    }
    const last = next?.record
    if (last?.kind !== 'end' || last.rows !== rows || count !== rows || last.bytes !== bytes)
      throw damaged('what it holds is not what it says to hold')
    if ((await readRecord(plain)) !== undefined) throw damaged('something stands behind its end')
    return
  }
}
