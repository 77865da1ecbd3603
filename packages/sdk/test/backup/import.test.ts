import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { nodeCrypto } from '../../src/adapters/crypto/node.ts'
import { type MemoryBacking, memoryStorage } from '../../src/adapters/storage/memory.ts'
import { importBackup, verifyBackup } from '../../src/client/backup/import.ts'
import type { JobRecord, KeyPackageRecord, RoomRecord } from '../../src/client/records.ts'
import { openSelf } from '../../src/client/self.ts'
import type { BackupRow } from '../../src/domain/backup/records.ts'
import { writeBackup } from '../../src/domain/backup/write.ts'
import { sealedStore } from '../../src/domain/store/sealed-store.ts'
import type { Store } from '../../src/domain/store/store.ts'
import { TABLES } from '../../src/ports/storage.ts'
import { concat } from '../../src/util/bytes.ts'

const crypto = { ...nodeCrypto(), argon2id: async () => new Uint8Array(32).fill(1) }
const PASSPHRASE = 'a passphrase'
const NOW = 1_000_000
const MORE = 'x'.repeat(100)
const clock = { now: () => NOW }

let store: Store
beforeEach(() => {
  const backing: MemoryBacking = { tables: new Map() }
  store = sealedStore(memoryStorage(backing), new Uint8Array(32).fill(3), crypto.random)
})

const room = (id: string, change: Partial<RoomRecord> = {}) =>
  ({ id, state: 'open', pending: { epoch: 1 }, ...change }) as unknown as RoomRecord
const SELF: BackupRow = { table: 'meta', key: 'self', value: { address: 'dchat1x' } }
const ROWS: readonly BackupRow[] = [
  SELF,
  { table: 'meta', key: 'stock/a/wss://r', value: { notBefore: 1, notAfter: 2 } },
  { table: 'meta', key: 'stocked/wss://r', value: true },
  { table: 'meta', key: 'announced/wss://r', value: 'head' },
  { table: 'meta', key: 'inbox/wss://r', value: 17 },
  { table: 'meta', key: 'jobs', value: 8 },
  { table: 'keyPackages', key: 'aa', value: { suite: 'x', lastResort: false } },
  { table: 'rooms', key: 'open', scope: 'all', position: 1, value: room('open') },
  { table: 'rooms', key: 'new', scope: 'all', position: 2, value: room('new', { state: 'creating' }) },
  { table: 'rooms', key: 'over', scope: 'all', position: 3, value: room('over', { state: 'closed' }) },
  { table: 'jobs', key: 'update/open', scope: 'all', position: 8, value: { kind: 'update', room: 'open', ordinal: 8 } },
  ...Array.from(
    { length: 1_500 },
    (_, i): BackupRow => ({
      table: 'messages',
      key: `m${i}`,
      scope: 'chat',
      position: i,
      value: { text: `${i}`, more: MORE },
    }),
  ),
]

const fileOf = async (rows: readonly BackupRow[]): Promise<Uint8Array> => {
  const all = (async function* () {
    yield* rows
  })()
  const parts: Uint8Array[] = []
  const content = async () => ({ createdAt: 17, rows: rows.length, all, close: async () => undefined })
  for await (const part of writeBackup(crypto, PASSPHRASE, content)) parts.push(part)
  return concat(...parts)
}
const sourceOf = async function* (file: Uint8Array, end = file.length) {
  yield file.subarray(0, end)
  if (end < file.length) throw new Error('the power went out')
}
const read = (file: Uint8Array, end?: number, into = store) =>
  importBackup({ crypto, clock }, { source: sourceOf(file, end), passphrase: PASSPHRASE }, async () => ({
    name: 'here',
    store: into,
  }))
const get = <T>(table: (typeof TABLES)[number], key: string) => store.read((tx) => tx.get<T>(table, key))
const count = () =>
  store.read(async (tx) => {
    let rows = 0
    for (const table of TABLES) rows += await tx.count(table)
    return rows
  })
const opened = () => openSelf(store, nodeCrypto(), { relays: [] })

describe('reading a backup into a store', () => {
  test('makes rooms old copies, packages restored, and forgets what relays were said to hold', async () => {
    expect(await read(await fileOf(ROWS))).toEqual({ createdAt: 17, rows: ROWS.length, address: 'dchat1x' })
    for (const id of ['open', 'new'])
      expect(await get<RoomRecord>('rooms', id)).toMatchObject({ stale: true, pending: { restored: true } })
    expect(await get('rooms', 'over')).toEqual(room('over', { state: 'closed' }))
    expect(await get<KeyPackageRecord>('keyPackages', 'aa')).toMatchObject({ restored: true })
    for (const key of ['stock/a/wss://r', 'stocked/wss://r', 'announced/wss://r', 'import'])
      expect(await get('meta', key)).toBeUndefined()
    expect(await get('meta', 'inbox/wss://r')).toBe(17)
    const jobs = await store.read((tx) => tx.page<JobRecord>('jobs', { scope: 'all', limit: 9 }))
    expect(jobs.map(({ value }) => value.kind)).toEqual(['replace-leaf', 'replace-leaf', 'update', 'read-archive'])
    expect(jobs.map(({ value, position }) => value.ordinal === position)).not.toContain(false)
  })

  test('a room of the own devices that was to be opened is opened under another name, unless it was made', async () => {
    const opening = (value: string): BackupRow => ({ table: 'meta', key: 'self-opening', value })
    await read(await fileOf([...ROWS, opening('named')]))
    expect(await get('meta', 'self-opening')).toBeUndefined()
    store = sealedStore(memoryStorage(), new Uint8Array(32).fill(4), crypto.random)
    await read(await fileOf([...ROWS, opening('new')]))
    expect(await get('meta', 'self-opening')).toBe('new')
  })

  test('broken off anywhere, any number of times, it goes on, and meanwhile nobody opens the store', async () => {
    const file = await fileOf(ROWS)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: file.length - 1 }), { maxLength: 6 }), async (ends) => {
        const fresh = sealedStore(memoryStorage(), new Uint8Array(32).fill(4), crypto.random)
        store = fresh
        for (const end of ends) {
          await expect(read(file, end)).rejects.toThrow('the power went out')
          const begun = (await get('meta', 'import')) !== undefined
          await expect(opened()).rejects.toMatchObject({ code: begun ? 'backup/incomplete' : 'identity/none' })
        }
        await read(file)
        expect((await get<{ text: string }>('messages', 'm1499'))?.text).toBe('1499')
        // Three rows of relays are gone, three jobs are there besides, and a mark each for arrivals, archive and listings.
        expect(await count()).toBe(ROWS.length + 3)
      }),
      { numRuns: 10 },
    )
  })

  test('rows that are there already are not written again', async () => {
    const file = await fileOf(ROWS)
    await expect(read(file, file.length - 10)).rejects.toThrow()
    const mark = await get<{ rows: number }>('meta', 'import')
    expect(mark?.rows).toBeGreaterThan(900)
    const written: string[] = []
    const counting: Store = {
      ...store,
      write: (work) =>
        store.write((tx) =>
          work({
            ...tx,
            put: (table, row) => {
              if (table === 'messages') written.push(row.key)
              tx.put(table, row)
            },
          }),
        ),
    }
    await read(file, undefined, counting)
    expect(written.length).toBeLessThan(ROWS.length - (mark?.rows ?? 0) + 1)
  })

  test('another file does not go on where one was broken off', async () => {
    const [one, other] = [await fileOf(ROWS), await fileOf(ROWS)]
    await expect(read(one, one.length - 10)).rejects.toThrow()
    await expect(read(other)).rejects.toMatchObject({ code: 'backup/incomplete' })
    await read(one)
    await expect(read(one)).rejects.toMatchObject({ code: 'identity/exists' })
  })

  test('what is not empty is not touched, even where no identity is in it', async () => {
    await store.write(async (tx) => tx.put('proofs', { key: 'a', value: 1 }))
    await expect(read(await fileOf(ROWS))).rejects.toMatchObject({ code: 'identity/exists' })
    expect(await count()).toBe(1)
  })

  test('a file without an identity, or with a mark of its own, is damaged', async () => {
    await expect(read(await fileOf(ROWS.slice(1)))).rejects.toMatchObject({ code: 'backup/damaged' })
    store = sealedStore(memoryStorage(), new Uint8Array(32), crypto.random)
    const marked: BackupRow = { table: 'meta', key: 'import', value: { backup: new Uint8Array(32), rows: 0 } }
    await expect(read(await fileOf([SELF, marked]))).rejects.toMatchObject({ code: 'backup/damaged' })
  })

  test('a signal stops it with its reason', async () => {
    const stop = new AbortController()
    const reason = new Error('enough')
    const work = importBackup(
      { crypto, clock },
      {
        source: sourceOf(await fileOf(ROWS)),
        passphrase: PASSPHRASE,
        signal: stop.signal,
        onProgress: ({ done }) => {
          if (done > 0) stop.abort(reason)
        },
      },
      async () => ({ name: 'here', store }),
    )
    await expect(work).rejects.toBe(reason)
  })
})

test('verifying reads to the end and tells what is there, and how far it is', async () => {
  const file = await fileOf(ROWS)
  const steps: number[] = []
  const options = { passphrase: PASSPHRASE, onProgress: ({ done }: { done: number }) => steps.push(done) }
  const info = await verifyBackup(crypto, { ...options, source: sourceOf(file) })
  expect(info).toEqual({ createdAt: 17, rows: ROWS.length })
  expect([steps[0], steps.at(-1)]).toEqual([0, ROWS.length])
  const cut = (async function* () {
    yield file.subarray(0, -1)
  })()
  await expect(verifyBackup(crypto, { ...options, source: cut })).rejects.toMatchObject({ code: 'backup/damaged' })
})
