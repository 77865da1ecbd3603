import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'libsql'
import type { BotStore } from './bot-store.ts'

/** A store in a SQLite file, readable by its owner only as far as its folder is. The folder is made where there is none. */
export const sqliteBotStore = (file: string): BotStore => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const database = new Database(file)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000')
  database.exec('CREATE TABLE IF NOT EXISTS bot_values (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID')
  const get = database.prepare('SELECT value FROM bot_values WHERE key = ?')
  const set = database.prepare(
    'INSERT INTO bot_values (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  )
  const remove = database.prepare('DELETE FROM bot_values WHERE key = ?')
  let open = true
  return {
    get: async (key) => {
      const row = get.get(key) as { value: string } | undefined
      return row === undefined ? undefined : JSON.parse(row.value)
    },
    set: async (key, value) => {
      set.run(key, JSON.stringify(value))
    },
    delete: async (key) => {
      remove.run(key)
    },
    close: async () => {
      if (open) database.close()
      open = false
    },
  }
}
