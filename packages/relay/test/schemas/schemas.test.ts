import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'libsql'
import { expect, test } from 'vitest'
import { backupDatabase, restoreDatabase } from '../../src/store/copy.ts'
import { SCHEMA_VERSION } from '../../src/store/schema.ts'
import { relay } from '../support/relay.ts'
import { tempDir } from '../support/temp.ts'
import { type Filled, fill, holds } from './fill.ts'

const folder = new URL('./fixtures/', import.meta.url)
const textOf = (name: string) => readFileSync(new URL(name, folder), 'utf8')

const versionOf = (directory: string): number => {
  const db = new Database(join(directory, 'relay.db'))
  const [row] = db.pragma('user_version') as { user_version: number }[]
  db.close()
  return row?.user_version ?? 0
}

test('there is a database of every schema before this one', () => {
  const held = readdirSync(folder).filter((name) => name.endsWith('.sql'))
  expect(held.sort()).toEqual(Array.from({ length: SCHEMA_VERSION - 1 }, (_, index) => `schema-${index + 1}.sql`))
})

test.each(Array.from({ length: SCHEMA_VERSION - 1 }, (_, index) => index + 1))(
  'a database that a relay of schema %i wrote is brought forward, serves everything it held, and is served again',
  async (version) => {
    const store = await tempDir()
    const old = new Database(join(store, 'relay.db'))
    old.exec(textOf(`schema-${version}.sql`))
    // It stands for the very file of that relay, not for a copy of it.
    if (version >= 4) old.exec("DELETE FROM facts WHERE name = 'file'")
    old.close()
    expect(versionOf(store)).toBe(version)
    const filled = JSON.parse(textOf(`schema-${version}.json`)) as Filled
    // Its bodies are of the day on which it was made.
    const retention = { days: 36_500, commitDays: 36_500 }
    const at = await relay({ store, retention })
    await holds(at.url, filled)
    await at.close()
    expect(versionOf(store)).toBe(SCHEMA_VERSION)
    await (await relay({ store, retention })).close()
  },
)

test.each(Array.from({ length: SCHEMA_VERSION }, (_, index) => index + 1))(
  'a backup of schema %i that is restored counts as a copy, once, and the log says both',
  async (version) => {
    const file = join(await tempDir(), 'backup.db')
    if (version < SCHEMA_VERSION) {
      const old = new Database(file)
      old.exec(textOf(`schema-${version}.sql`))
      old.close()
    } else {
      const data = await tempDir()
      await (await relay({ store: data })).close()
      backupDatabase(data, file)
    }
    const store = await tempDir()
    restoreDatabase(file, store, false)
    const lines: string[] = []
    const note = (event: string) => void lines.push(event)
    const log = { debug: () => {}, info: note, warn: note }
    await (await relay({ store, log })).close()
    expect(lines.includes('database-upgraded')).toBe(version < SCHEMA_VERSION)
    expect(lines).toContain('database-is-a-copy')
    lines.length = 0
    await (await relay({ store, log })).close()
    expect(lines).toContain('listening')
    expect(lines.filter((line) => line.startsWith('database'))).toEqual([])
  },
)

test('what is held of a relay of an older schema is true of one of this schema', async () => {
  const store = await tempDir()
  const first = await relay({ store })
  const filled = await fill(first.url)
  await first.close()
  await holds((await relay({ store })).url, filled)
})
