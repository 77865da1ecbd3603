import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'libsql'
import { expect, test } from 'vitest'
import { createRelay, sqliteStore } from '../../src/index.ts'
import { MIGRATIONS } from '../../src/store/schema.ts'
import { append, newTopic, random } from '../../src/testing/fixtures.ts'
import { testCrypto } from '../support/crypto.ts'
import { client, codeOf, member, relay } from '../support/relay.ts'
import { tempDir } from '../support/temp.ts'

const FILE = 'relay.db'
const codeThrown = (work: () => unknown): unknown => {
  try {
    work()
    return 'nothing'
  } catch (error) {
    return (error as { code?: unknown }).code
  }
}

test('a second owner of a directory is refused, and may have it after the first', async () => {
  const directory = await tempDir()
  const first = sqliteStore(directory)
  expect(codeThrown(() => sqliteStore(directory))).toBe('storage/in-use')
  await first.close()
  await sqliteStore(directory).close()
})

test('a newer schema is refused and not touched', async () => {
  const directory = await tempDir()
  await sqliteStore(directory).close()
  const db = new Database(join(directory, FILE))
  db.pragma('user_version = 999')
  db.close()
  expect(codeThrown(() => sqliteStore(directory))).toBe('storage/newer-schema')
  const after = new Database(join(directory, FILE))
  expect(after.pragma('user_version', { simple: true })).toMatchObject({ user_version: 999 })
  after.close()
})

test('a database of the first schema is brought forward with what it holds', async () => {
  const directory = await tempDir()
  const old = new Database(join(directory, FILE))
  old.exec(MIGRATIONS[0] as string)
  old.exec('PRAGMA user_version = 1')
  const { topic, state } = newTopic()
  old
    .prepare('INSERT INTO topics (topic, seq, head, epoch, time, key, removed, bytes) VALUES (?,?,?,?,?,?,?,?)')
    .run([topic, state.seq, state.head, state.epoch, state.time, state.key, 0, state.bytes])
  old.close()
  const store = sqliteStore(directory)
  expect(await store.topic(topic)).toEqual(state)
  const put = () =>
    store.commit([
      {
        type: 'successor.put',
        topic,
        reference: random(16),
        body: random(9),
        epoch: 0,
        time: 1,
        bounds: [{ epoch: 0, items: 1 }],
      },
    ])
  expect(await put()).toEqual([{ ok: true, result: { seq: 1 } }])
  expect((await put())[0]?.ok).toBe(false)
  await store.close()
  await sqliteStore(directory).close()
})

test('a file that is no database is storage/corrupt, a directory that cannot be is storage/unavailable', async () => {
  const directory = await tempDir()
  await writeFile(join(directory, FILE), 'this is not a database, and it is long enough to tell. '.repeat(200))
  expect(codeThrown(() => sqliteStore(directory))).toBe('storage/corrupt')
  expect(codeThrown(() => sqliteStore(join(directory, FILE, 'below')))).toBe('storage/unavailable')
})

test('only the owner of the process may read the files: the signing key is in them', async () => {
  const directory = join(await tempDir(), 'data')
  const store = sqliteStore(directory)
  await store.secret('relay-key', () => random(32))
  expect((await stat(directory)).mode & 0o077).toBe(0)
  for (const name of [FILE, `${FILE}-wal`]) expect((await stat(join(directory, name))).mode & 0o077).toBe(0)
  await store.close()
})

test('a full disk fails the whole batch with storage/full, changes nothing, and the store goes on', async () => {
  const store = sqliteStore(await tempDir(), { maxBytes: 400_000 })
  const { topic, state } = newTopic()
  const first = append(topic, 'absent', state, [{ body: random(1_000) }])
  await store.commit([first])
  const small = newTopic()
  const batch = [
    append(small.topic, 'absent', small.state),
    append(
      topic,
      1,
      first.after,
      Array.from({ length: 50 }, () => ({ body: random(20_000) })),
    ),
  ]
  expect(await codeOf(store.commit(batch))).toBe('storage/full')
  expect(await store.topic(topic)).toEqual(first.after)
  expect(await store.topic(small.topic)).toBeUndefined()
  const next = append(topic, 1, first.after, [{ body: random(100) }])
  expect((await store.commit([next]))[0]?.ok).toBe(true)
  await store.close()
})

test('a relay on a full disk refuses retryably, signs nothing that it does not hold, and serves what it has', async () => {
  const at = await relay({ store: sqliteStore(await tempDir(), { maxBytes: 500_000 }) })
  const { client: alice, topic } = await member(at, 2)
  const publish = (body: Uint8Array) =>
    codeOf(alice.request('topic.publish', { topic: topic.id, entries: [{ ...topic.message(0), body }] }))
  expect(await publish(testCrypto.random(900_000))).toBe('transport/unreachable')
  expect((await alice.request('topic.head', { topic: topic.id })).seq).toBe(2)
  expect(await publish(testCrypto.random(256))).toBe('no error')
  const bob = await client(at)
  await bob.prove('topic', topic.id, topic.seed(0))
  const { entries } = await bob.request('topic.read', { topic: topic.id, after: 0, limit: 9 })
  expect(entries.map(({ receipt }) => receipt.seq)).toEqual([1, 2, 3])
})

test('a group commit holds what arrived in one turn: many writers, one flush, gap-free places', async () => {
  const directory = await tempDir()
  const at = await createRelay({ store: directory, crypto: testCrypto })
  const members = await Promise.all(Array.from({ length: 10 }, () => member(at)))
  await Promise.all(
    members.flatMap(({ client: writer, topic }) =>
      Array.from({ length: 30 }, () =>
        writer.request('topic.publish', { topic: topic.id, entries: [topic.message(0)] }),
      ),
    ),
  )
  const text = await (await fetch(`${at.url.replace('ws', 'http')}/metrics`)).text()
  const value = (name: string) => Number(new RegExp(`${name} (\\d+)`).exec(text)?.[1])
  expect(value('dchat_relay_entries_total')).toBe(300)
  expect(value('dchat_relay_commit_seconds_count')).toBeLessThan(200)
  for (const { client: reader, topic } of members) {
    const { entries } = await reader.request('topic.read', { topic: topic.id, after: 0, limit: 256 })
    expect(entries.map(({ receipt }) => receipt.seq)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1))
  }
  await at.close()
})
