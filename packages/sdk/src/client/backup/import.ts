import { type OpenBackup, openBackup } from '../../domain/backup/read.ts'
import type { BackupRow } from '../../domain/backup/records.ts'
import type { Store, StoreWriter } from '../../domain/store/store.ts'
import { DchatError } from '../../errors.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Crypto } from '../../ports/crypto.ts'
import { TABLES } from '../../ports/storage.ts'
import { equalBytes } from '../../util/bytes.ts'
import { IMPORTING, type ImportRecord } from '../records.ts'
import { markRestored } from './mark-restored.ts'
import type { BackupInfo, ImportedBackup, VerifyBackupOptions } from './options.ts'

/** Rows that are written in one transaction. */
const SOME = 500
/** Rows between two words of how far it is. */
const TELL = 200

type BackupParts = Pick<Crypto, 'random' | 'aead' | 'argon2id'>

/**
 * Reads a backup to its end and keeps nothing of it. Throws `backup/damaged`, `identity/wrong-passphrase`,
 * `protocol/unsupported-version`.
 */
export const verifyBackup = async (crypto: BackupParts, options: VerifyBackupOptions): Promise<BackupInfo> => {
  const backup = await openBackup(crypto, options.source, options.passphrase)
  try {
    const { createdAt, rows } = backup
    for await (const done of told(backup, options)) if (done.length > 0) options.signal?.throwIfAborted()
    return { createdAt, rows }
  } finally {
    await backup.close()
  }
}

/** What a target has to give; it is asked once the file has opened. */
export interface ImportTarget {
  /** What people call the store. */
  readonly name: string
  readonly store: Store
}

/**
 * Writes a backup into an empty store. It may be broken off anywhere: the store opens as nobody's until the same file was
 * given again and read to its end, and goes on where it stopped. Throws what `verifyBackup` throws, `identity/exists`
 * where the store is not empty, and `backup/incomplete` where another file was begun.
 */
export const importBackup = async (
  parts: { readonly crypto: BackupParts; readonly clock: Pick<Clock, 'now'> },
  options: VerifyBackupOptions,
  open: () => Promise<ImportTarget>,
): Promise<ImportedBackup> => {
  const backup = await openBackup(parts.crypto, options.source, options.passphrase)
  try {
    const { createdAt, rows, id } = backup
    const target = await open()
    const { store } = target
    const known = await begin(target, id)
    let done = 0
    for await (const some of told(backup, options)) {
      options.signal?.throwIfAborted()
      const fresh = some.slice(Math.max(0, known - done))
      done += some.length
      if (fresh.length === 0) continue
      await store.write(async (tx) => {
        for (const { table, ...row } of fresh) tx.put(table, row)
        putMark(tx, { backup: id, rows: done })
      })
    }
    const self = await store.write(async (tx) => {
      const restored = await markRestored(tx, parts.clock.now())
      tx.delete('meta', IMPORTING)
      return restored
    })
    return { createdAt, rows, address: self.address }
  } finally {
    await backup.close()
  }
}

const putMark = (tx: StoreWriter, value: ImportRecord): void => tx.put('meta', { key: IMPORTING, value })

/** The rows that are there already. */
const begin = ({ name, store }: ImportTarget, backup: Uint8Array): Promise<number> =>
  store.write(async (tx) => {
    const mark = await tx.get<ImportRecord>('meta', IMPORTING)
    if (mark !== undefined) {
      if (equalBytes(mark.backup, backup)) return mark.rows
      throw new DchatError('backup/incomplete', { store: name }, { hint: 'Give the file that was begun with.' })
    }
    for (const table of TABLES)
      if ((await tx.scan(table, { limit: 1 })).rows.length > 0)
        throw new DchatError('identity/exists', { profile: name })
    putMark(tx, { backup, rows: 0 })
    return 0
  })

/** The rows in handfuls, and how far it is. */
async function* told(
  { rows: total, all }: OpenBackup,
  { onProgress }: VerifyBackupOptions,
): AsyncGenerator<readonly BackupRow[]> {
  let some: BackupRow[] = []
  let done = 0
  onProgress?.({ done, total })
  for await (const row of all) {
    // The mark is this import's own.
    if (row.table === 'meta' && row.key === IMPORTING)
      throw new DchatError('backup/damaged', { reason: 'it marks itself' })
    some.push(row)
    if (++done % TELL === 0) onProgress?.({ done, total })
    if (some.length < SOME) continue
    yield some
    some = []
  }
  if (some.length > 0) yield some
  onProgress?.({ done, total })
}
