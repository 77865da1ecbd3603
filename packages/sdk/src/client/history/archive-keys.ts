import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import {
  type ArchiveKey,
  decodeArchiveKeys,
  encodeArchiveKeys,
  makeArchiveKey,
  newestKey,
  sealArchiveKey,
} from '../../protocol/history/archive-key.ts'
import { slotOf } from '../../protocol/history/slots.ts'
import type { RelayUrl } from '../../records/ids.ts'
import { toHex } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import { putJob } from '../jobs.ts'
import { putPersonal } from '../personal/send.ts'
import type { RoomRecord } from '../records.ts'
import { putSlot } from './slots.ts'

/** archive/restore: what was read of the archive. */
export const RESTORE = 'restore'
const SCOPE = 'keys'
const ALL = 10_000
/** Keys that are handed to a new device at once, newest first: they fit into its approval. */
const HANDED = 256

/** archive/key/<hex id>, scope 'keys' */
interface KeyRow extends ArchiveKey {
  /** Home relays that hold it, sealed to the archive key of the log whose first bytes stand here in hex. */
  readonly at: Readonly<Record<RelayUrl, string>>
}

const rows = (tx: StoreReader) => tx.page<KeyRow>('archive', { scope: SCOPE, limit: ALL })

/** Every archive key that this device knows. */
export const archiveKeys = async (tx: StoreReader): Promise<readonly ArchiveKey[]> =>
  (await rows(tx)).map(({ value: { id, secret, generation } }) => ({ id, secret, generation }))

/** Takes keys in; true if one was not known. */
export const addArchiveKeys = async (tx: StoreWriter, keys: readonly ArchiveKey[]): Promise<boolean> => {
  const known = await rows(tx)
  let position = known[known.length - 1]?.position ?? 0
  let isNew = false
  for (const { id, secret, generation } of keys) {
    const key = `key/${toHex(id)}`
    if ((await tx.get('archive', key)) !== undefined) continue
    isNew = true
    position += 1
    tx.put('archive', { key, scope: SCOPE, position, value: { id, secret, generation, at: {} } satisfies KeyRow })
  }
  return isNew
}

/** Tells the other own devices every archive key that this one knows. */
export const tellKeys = async (tx: StoreWriter, core: Core): Promise<void> => {
  const keys = await archiveKeys(tx)
  if (keys.length === 0) return
  const isQueued = await putPersonal(tx, core, { type: 'keys', body: encodeArchiveKeys(keys) })
  if (isQueued) await putJob(tx, 'share', { kind: 'share' }, core.clock.now())
}

/** The key to seal with; made where there is none yet. */
export const sealingKey = async (core: Core): Promise<ArchiveKey> => {
  const { store, crypto } = core
  const known = newestKey(await store.read(archiveKeys))
  if (known !== undefined) return known
  const made = makeArchiveKey(crypto.random, 0)
  return store.write(async (tx) => {
    if (await addArchiveKeys(tx, newestKey(await archiveKeys(tx)) === undefined ? [made] : [])) await tellKeys(tx, core)
    return newestKey(await archiveKeys(tx)) as ArchiveKey
  })
}

/**
 * A new key, for what is sealed from now on, and the rooms sealed again with it: who was revoked knows the others. What else
 * stands in the archive is sealed with it when it changes.
 */
export const rotateArchiveKey = async (core: Core): Promise<void> => {
  await core.store.write(async (tx) => {
    const generation = (newestKey(await archiveKeys(tx))?.generation ?? -1) + 1
    await addArchiveKeys(tx, [makeArchiveKey(core.crypto.random, generation)])
    await tellKeys(tx, core)
    const rooms = await tx.page<RoomRecord>('rooms', { scope: 'all', limit: ALL })
    for (const { value } of rooms)
      await putJob(tx, `archive/${value.id}`, { kind: 'archive', room: value.id }, core.clock.now())
  })
}

/** Keys came that were missing: what could not be opened before is read again. */
export const readArchiveAgain = async (tx: StoreWriter, now: number): Promise<void> => {
  tx.delete('archive', RESTORE)
  await putJob(tx, 'read-archive', { kind: 'read-archive' }, now)
}

/** What a new own device is handed when it is let in; undefined where there are no keys yet. */
export const exportArchiveKeys = async ({ store }: Pick<Core, 'store'>): Promise<Uint8Array | undefined> => {
  const keys = await store.read(archiveKeys)
  const newest = [...keys].sort((a, b) => b.generation - a.generation).slice(0, HANDED)
  return newest.length === 0 ? undefined : encodeArchiveKeys(newest)
}

/** Throws `protocol/malformed` and `protocol/too-large`. */
export const importArchiveKeys = async (tx: StoreWriter, keys: Uint8Array): Promise<void> => {
  await addArchiveKeys(tx, decodeArchiveKeys(keys))
}

/** Leaves each key at a home relay for whoever holds the phrase; before anything that is sealed with it. */
export const keepKeySlots = async (core: Core, relay: RelayUrl): Promise<void> => {
  const { archiveKey: logKey } = core.self.log
  if (logKey === undefined) return
  const mark = toHex(logKey.subarray(0, 8))
  for (const { key, position, value } of await core.store.read(rows)) {
    if (value.at[relay] === mark) continue
    const slot = slotOf('key', core.self.address, value.id)
    await putSlot(core, relay, slot, await sealArchiveKey(core.crypto, logKey, value))
    await core.store.write(async (tx) => {
      const now = (await tx.get<KeyRow>('archive', key)) ?? value
      const row = { ...now, at: { ...now.at, [relay]: mark } }
      tx.put('archive', { key, scope: SCOPE, position: position as number, value: row })
    })
  }
}
