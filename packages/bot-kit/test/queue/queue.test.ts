import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'libsql'
import { afterAll, expect, test } from 'vitest'
import { memoryQueue } from '../../src/queue/memory.ts'
import { sqliteQueue } from '../../src/queue/sqlite.ts'
import { messageEvent } from '../support/events.ts'
import { queueConformance } from './conformance.ts'

const folder = mkdtempSync(join(tmpdir(), 'dchat-queue-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let count = 0
let file = ''
const open = () => {
  count += 1
  file = join(folder, `${count}`, 'queue.db')
  return sqliteQueue(file)
}

queueConformance('a queue in memory', { open: memoryQueue })
queueConformance('a queue in SQLite', {
  open,
  reopen: async (queue) => {
    await queue.close()
    return sqliteQueue(file)
  },
})

test('the file is for its owner only, and a newer one is not touched', async () => {
  await open().close()
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600)
  const db = new Database(file)
  db.pragma('user_version = 99')
  db.close()
  expect(() => sqliteQueue(file)).toThrow(/newer version/)
})

test('what was delivered does not stay in the file', async () => {
  const queue = open()
  await queue.add(messageEvent('a', 1, 'a secret plan'), ['hook'], 1)
  const [delivery] = await queue.waiting()
  if (delivery) await queue.settle(delivery, { state: 'done' }, 2)
  await queue.close()
  const db = new Database(file)
  expect(db.prepare('SELECT event_id, body FROM inbox').all([])).toEqual([{ event_id: 'evt_a1', body: null }])
  db.close()
})

test('what one process writes another one sees, however often the file was opened in the first', async () => {
  const first = open()
  await first.add(messageEvent('a', 1), ['hook'], 1)
  await first.close()
  const queue = sqliteQueue(file)
  await queue.add(messageEvent('a', 2), ['hook'], 2)
  /** The events, as a program of its own finds them. */
  const seen = (): unknown => {
    const script = `
      const db = new (require('libsql'))(process.argv[1])
      db.exec('PRAGMA journal_mode = WAL')
      console.log(JSON.stringify(db.prepare('SELECT event_id FROM inbox ORDER BY seq').all().map((row) => row.event_id)))
      db.close()`
    return JSON.parse(
      execFileSync(process.execPath, ['-e', script, file], { cwd: import.meta.dirname, encoding: 'utf8' }),
    )
  }
  expect(seen()).toEqual(['evt_a1', 'evt_a2'])
  await queue.add(messageEvent('a', 3), ['hook'], 3)
  expect(seen()).toEqual(['evt_a1', 'evt_a2', 'evt_a3'])
  await queue.close()
})

test('many events at once share a transaction, and all are there', async () => {
  const queue = open()
  const added = Array.from({ length: 200 }, (_, index) => queue.add(messageEvent('a', index), ['hook'], 1))
  expect((await Promise.all(added)).every(Boolean)).toBe(true)
  expect((await queue.waiting({ limit: 500 })).map(({ event }) => event.data.seq)).toEqual([...Array(200).keys()])
  await queue.close()
})
