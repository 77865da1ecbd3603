import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'libsql'
import { describe, expect, test } from 'vitest'
import { sqliteStorage } from '../../src/adapters/storage/sqlite.ts'
import { storageError } from '../../src/adapters/storage/sqlite-errors.ts'
import type { ErrorCode } from '../../src/errors.ts'
import { isDchatError } from '../../src/errors.ts'
import { freshPath } from './temp.ts'

const codeOf = (work: () => unknown): string | undefined => {
  try {
    work()
  } catch (error) {
    return isDchatError(error) ? error.code : String(error)
  }
  return undefined
}

const has = (code: ErrorCode) => (error: unknown) => isDchatError(error, code)
const row = (key: string, size = 1) => ({ key, value: new Uint8Array(size).fill(7) })

describe.skipIf(process.platform === 'win32')('file modes', () => {
  test('the file, its WAL and its index are 0600 in a folder of 0700', async () => {
    const file = freshPath('profile', 'dchat.db')
    const storage = sqliteStorage(file)
    await storage.write(async (tx) => tx.put('meta', row('a')))
    const names = readdirSync(dirname(file))
    expect(names.sort()).toEqual(['dchat.db', 'dchat.db-shm', 'dchat.db-wal'])
    for (const name of names) expect(statSync(join(dirname(file), name)).mode & 0o777).toBe(0o600)
    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700)
    await storage.close()
  })
})

describe('schema', () => {
  test('a store of a newer version is refused and stays as it was, byte for byte', async () => {
    const file = freshPath('dchat.db')
    await sqliteStorage(file).close()
    const db = new Database(file)
    db.exec('PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE)')
    db.close()
    const before = readdirSync(dirname(file)).map((name) => [name, readFileSync(join(dirname(file), name))])
    expect(codeOf(() => sqliteStorage(file))).toBe('storage/newer-schema')
    const after = readdirSync(dirname(file)).map((name) => [name, readFileSync(join(dirname(file), name))])
    expect(after).toEqual(before)
  })

  test('a migrated file says its version in its header while it is still open', async () => {
    const file = freshPath('dchat.db')
    const storage = sqliteStorage(file)
    expect(readFileSync(file).readUInt32BE(60)).toBeGreaterThan(0)
    await storage.close()
  })

  test('something that is no database is storage/corrupt and is not touched', () => {
    const file = freshPath('dchat.db')
    mkdirSync(dirname(file), { recursive: true })
    for (const content of ['short', 'x'.repeat(8_192)]) {
      writeFileSync(file, content)
      expect(codeOf(() => sqliteStorage(file))).toBe('storage/corrupt')
      expect(readFileSync(file, 'utf8')).toBe(content)
    }
  })

  test('damaged pages are storage/corrupt', async () => {
    const file = freshPath('dchat.db')
    const storage = sqliteStorage(file)
    await storage.write(async (tx) => {
      for (let i = 0; i < 200; i++) tx.put('messages', row(`row ${i}`, 500))
    })
    await storage.close()
    const bytes = readFileSync(file)
    writeFileSync(file, Buffer.concat([bytes.subarray(0, 4_096), Buffer.alloc(bytes.length - 4_096, 0xa5)]))
    const reads = async () => {
      const damaged = sqliteStorage(file)
      try {
        await damaged.read((tx) => tx.get('messages', 'row 150'))
      } finally {
        await damaged.close().catch(() => undefined)
      }
    }
    await expect(reads()).rejects.toSatisfy(has('storage/corrupt'))
  })
})

describe('failures of the disk', () => {
  test('a full disk is storage/full, changes nothing, and room makes it work again', async () => {
    const file = freshPath('dchat.db')
    const small = sqliteStorage(file, { maxPages: 40 })
    await small.write(async (tx) => tx.put('meta', row('kept')))
    const tooMuch = small.write(async (tx) => {
      tx.delete('meta', 'kept')
      for (let i = 0; i < 100; i++) tx.put('messages', row(`row ${i}`, 4_000))
    })
    await expect(tooMuch).rejects.toSatisfy(has('storage/full'))
    expect(await small.read((tx) => tx.get('meta', 'kept'))).toEqual(row('kept'))
    expect(await small.read((tx) => tx.get('messages', 'row 0'))).toBeUndefined()
    await small.write(async (tx) => tx.put('meta', row('small enough')))
    await small.close()
    const large = sqliteStorage(file)
    await large.write(async (tx) => {
      for (let i = 0; i < 100; i++) tx.put('messages', row(`row ${i}`, 4_000))
    })
    expect(await large.read((tx) => tx.get('meta', 'small enough'))).toBeDefined()
    await large.close()
  })

  test('a path through a file, and a folder in the place of the file, are storage/unavailable', () => {
    const file = freshPath('file')
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, '')
    expect(codeOf(() => sqliteStorage(join(file, 'dchat.db')))).toBe('storage/unavailable')
    expect(codeOf(() => sqliteStorage(dirname(file)))).toBe('storage/unavailable')
  })

  test('a writer beside this one is storage/in-use, and nothing is half written', async () => {
    const file = freshPath('dchat.db')
    const storage = sqliteStorage(file)
    const other = new Database(file)
    other.exec('BEGIN IMMEDIATE')
    const write = () => storage.write(async (tx) => tx.put('meta', row('a')))
    await expect(write()).rejects.toSatisfy(has('storage/in-use'))
    other.exec('ROLLBACK')
    await write()
    other.close()
    await storage.close()
  })

  test.each([
    ['SQLITE_FULL', 'storage/full'],
    ['ENOSPC', 'storage/full'],
    ['SQLITE_CORRUPT_VTAB', 'storage/corrupt'],
    ['SQLITE_NOTADB', 'storage/corrupt'],
    ['SQLITE_BUSY_SNAPSHOT', 'storage/in-use'],
    ['EACCES', 'storage/unavailable'],
    ['EROFS', 'storage/unavailable'],
    ['SQLITE_READONLY_DBMOVED', 'storage/unavailable'],
    ['SQLITE_IOERR_FSYNC', 'storage/unavailable'],
  ])('%s is %s', (code, wanted) => {
    expect(storageError(Object.assign(new Error('text of the driver'), { code }), 'here').code).toBe(wanted)
  })
})
