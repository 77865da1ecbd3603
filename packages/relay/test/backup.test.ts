import { cp, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { toHex } from '@dchat/sdk/wire'
import { expect, test } from 'vitest'
import { TestClient } from './support/client.ts'
import { runToEnd, serve, useProgram } from './support/process.ts'
import { codeOf } from './support/relay.ts'
import { tempDir } from './support/temp.ts'
import { testTopic } from './support/topic.ts'

const program = useProgram()
const quiet = ['--port', '0', '--log-level', 'silent']

const texts = (entries: readonly { readonly body: Uint8Array | null }[]) =>
  entries.map(({ body }) => (body === null ? null : Buffer.from(body).toString()))

/** A running relay with a topic of three entries, of which a copy has two. */
const scene = async (copy: (data: string) => Promise<void>) => {
  const data = await tempDir()
  const relay = await serve(program.file, [...quiet, '--data', data])
  const client = await TestClient.connect(relay.url)
  const topic = await testTopic()
  await client.prove('topic', topic.id, topic.seed(0))
  const create = await topic.create()
  const publish = (text: string) =>
    client.request('topic.publish', { topic: topic.id, create, entries: [topic.message(0, text)] })
  await publish('one')
  await publish('two')
  await copy(data)
  await publish('three')
  const { entries } = await client.request('topic.read', { topic: topic.id, after: 0, limit: 9 })
  relay.child.kill('SIGKILL')
  await relay.exit
  return { topic, entries, relayKey: toHex(client.welcome.relayKey) }
}

/** Starts from what was restored, finds the loss, gives it back and goes on. */
const heals = async (data: string, { topic, entries, relayKey }: Awaited<ReturnType<typeof scene>>) => {
  const relay = await serve(program.file, [...quiet, '--data', data, '--settle-seconds', '1'])
  const client = await TestClient.connect(relay.url)
  expect(toHex(client.welcome.relayKey)).toBe(relayKey)
  await client.prove('topic', topic.id, topic.seed(0))
  expect(await client.subscribe('topic', { topic: topic.id, after: 3 }).ended).toBe('relay/lost-entries')
  const forged = entries.slice(2).map((entry) => ({ ...entry, body: Buffer.from('other') }))
  expect(await codeOf(client.request('topic.restore', { topic: topic.id, entries: forged }))).toBe('relay/bad-receipt')
  expect(await client.request('topic.restore', { topic: topic.id, entries })).toEqual({ seq: 3 })
  expect(await client.request('topic.restore', { topic: topic.id, entries })).toEqual({ seq: 3 })
  const four = { topic: topic.id, after: 3, entries: [topic.message(0, 'four')] }
  await expect.poll(() => codeOf(client.request('topic.publish', four)), { timeout: 30_000 }).toBe('no error')
  const read = await client.request('topic.read', { topic: topic.id, after: 0, limit: 9 })
  expect(texts(read.entries)).toEqual(['one', 'two', 'three', 'four'])
  expect(read.entries.slice(0, 3)).toEqual(entries)
  relay.child.kill('SIGTERM')
  expect((await relay.exit).code).toBe(0)
}

test('a backup that was made while the relay ran is restored, and gets back what it lacks', async () => {
  const file = join(await tempDir(), 'backup.db')
  const held = await scene(async (data) => {
    expect(await runToEnd(program.file, ['backup', '--data', data, file])).toMatchObject({ code: 0 })
    expect((await stat(file)).mode & 0o077).toBe(0)
    expect((await runToEnd(program.file, ['backup', '--data', data, file])).code).toBe(2)
    expect((await runToEnd(program.file, ['restore', '--data', data, '--replace', file])).code).toBe(10)
  })
  const fresh = join(await tempDir(), 'data')
  expect(await runToEnd(program.file, ['restore', '--data', fresh, file])).toMatchObject({ code: 0 })
  expect((await runToEnd(program.file, ['restore', '--data', fresh, file])).code).toBe(2)
  await heals(fresh, held)
})

test('a data directory that was plainly copied while the relay ran may be started as it is', async () => {
  const copied = join(await tempDir(), 'copied')
  const held = await scene((data) => cp(data, copied, { recursive: true }))
  await heals(copied, held)
})

test('what is no backup is refused, and nothing is put in its place', async () => {
  const [from, data] = [join(await tempDir(), 'none.db'), await tempDir()]
  expect((await runToEnd(program.file, ['restore', '--data', data, from])).code).toBe(2)
  await writeFile(from, 'this is not a database, and it is long enough to tell. '.repeat(200))
  expect((await runToEnd(program.file, ['restore', '--data', data, from])).code).toBe(1)
  await expect(stat(join(data, 'relay.db'))).rejects.toThrow()
})
