import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { sqliteStore } from '../../src/index.ts'
import { Connections } from '../../src/store/sqlite-connections.ts'
import { openOwned } from '../../src/store/sqlite-open.ts'
import { append, newTopic, random } from '../../src/testing/fixtures.ts'
import { tempDir } from '../support/temp.ts'

const MANY = 40
const newTopics = () => Array.from({ length: MANY }, newTopic)
const open = (topics: readonly ReturnType<typeof newTopic>[]) =>
  topics.map(({ topic, state }) => append(topic, 'absent', state, [{ body: random(2_000) }]))

test('while a commit is on its way to the disk, reads see nothing of it or all of it, and never less than before', async () => {
  const store = sqliteStore(await tempDir())
  const topics = newTopics()
  const writes = open(topics)
  let durable = false
  const commit = store.commit(writes).then(() => {
    durable = true
  })
  const seen: number[] = []
  do {
    // Each read is a moment of its own: a later one may know more, but not less.
    let count = 0
    for (const { topic, entries } of writes) {
      const entry = await store.entryByReference(topic, entries[0]?.reference as Uint8Array)
      const state = await store.topic(topic)
      if (entry) expect(state?.seq).toBe(1)
      if (entry) count++
      else expect(count).toBe(0)
    }
    seen.push(count)
    await setImmediate()
  } while (!durable)
  await commit
  expect(seen.toSorted((a, b) => a - b)).toEqual(seen)
  for (const { topic } of writes) expect((await store.topic(topic))?.seq).toBe(1)
  await store.close()
})

test('transactions that are asked for at once run one after the other, and closing waits for them', async () => {
  const directory = await tempDir()
  const store = sqliteStore(directory)
  const [first, second] = [newTopics(), newTopics()]
  const all = Promise.all([
    store.commit(open(first)),
    store.secret('a', () => random(32)),
    store.sweep({ entries: 0, commits: 0, successors: 0, inbox: 0, references: 0, blobs: 0 }, 100),
    store.commit(open(second)),
    store.close(),
  ])
  const [one, , , two] = await all
  expect([...one, ...two].every(({ ok }) => ok)).toBe(true)
  const again = sqliteStore(directory)
  for (const { topic } of [...first, ...second]) expect((await again.topic(topic))?.seq).toBe(1)
  await again.close()
})

test('the write-ahead log begins again and again at its start while writes go on', async () => {
  const directory = await tempDir()
  const { handles, release } = openOwned(directory, undefined)
  const connections = new Connections(handles, () => undefined, 100)
  const rows = 20
  const body = random(4_000)
  for (let round = 0; round < 200; round++)
    await connections.transaction(
      rows,
      () => {
        for (let i = 0; i < rows; i++)
          connections.writing.run(
            'INSERT INTO blobs (id, time, body) VALUES (?,?,?)',
            new Uint8Array([round, i]),
            1,
            body,
          )
      },
      () => undefined,
    )
  await connections.idle()
  const { size } = await stat(join(directory, 'relay.db-wal'))
  // All of it would be 4,000 bodies and more.
  expect(size).toBeLessThan((200 * rows * body.length) / 2)
  expect(connections.reading.get('SELECT count(*) AS n FROM blobs')?.n).toBe(200 * rows)
  release()
})

test('a transaction that fails leaves nothing behind, neither in the database nor in what is remembered', async () => {
  const store = sqliteStore(await tempDir(), { maxBytes: 600_000 })
  const topics = newTopics()
  await store.commit(open(topics))
  const [{ topic, state }] = topics as [ReturnType<typeof newTopic>]
  const held = await store.topic(topic)
  const next = append(
    topic,
    1,
    { ...state, ...held },
    Array.from({ length: 40 }, () => ({ body: random(20_000) })),
  )
  await expect(store.commit([next])).rejects.toMatchObject({ code: 'storage/full' })
  expect(await store.topic(topic)).toEqual(held)
  await store.close()
})
