// A store is a folder in Node alone: only there can a test look at it, or copy it.
import { existsSync } from 'node:fs'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createClient, createIdentity } from '../../../src/index.ts'
import { next, person, testRelay, texts } from '../support.ts'

const dirs: string[] = []
const tempDir = async (): Promise<string> => {
  const dir = await mkdtemp(join(tmpdir(), 'dchat-folders-'))
  dirs.push(dir)
  return dir
}
afterAll(() => Promise.all(dirs.map((dir) => rm(dir, { recursive: true, force: true }))))

test('an expired burner leaves no folder behind', async () => {
  const store = join(await tempDir(), 'store')
  const identity = createIdentity({ expiresAt: Date.now() - 1 })
  await expect(createClient({ identity, relays: ['ws://127.0.0.1:9'], store })).rejects.toMatchObject({
    code: 'identity/expired',
  })
  expect(existsSync(store)).toBe(false)
})

test('an old copy of a store never writes with used keys: it sees that it is old, rejoins, and goes on', async () => {
  await using relay = await testRelay()
  const alice = await person(relay)
  await using a = alice.client
  await a.connect()
  const [dir, copy] = [await tempDir(), await tempDir()]
  const identity = createIdentity()
  const bob = await createClient({ identity, relays: [relay.url], strangers: 'allow', store: dir })
  await bob.connect()
  const chat = await a.conversations.dm(bob.address)
  await chat.send('one', { wait: 'delivered', timeout: 90_000 })
  await bob.close()
  await cp(dir, copy, { recursive: true })

  const later = await createClient({ store: dir })
  await later.connect()
  await (await later.conversations.dm(a.address)).send('after the copy', { wait: 'sent', timeout: 90_000 })
  await later.close()
  await chat.send('while the copy slept', { wait: 'sent', timeout: 90_000 })

  await using old = await createClient({ store: copy })
  const rejoined = old.events({ signal: AbortSignal.timeout(120_000) })[Symbol.asyncIterator]()
  const queued = await (await old.conversations.dm(a.address)).send('from the copy')
  expect(queued.state).toBe('queued')
  await old.connect()
  while (true) {
    const { value, done } = await rejoined.next()
    if (done) throw new Error('it did not rejoin')
    if (value.type === 'rejoin' && value.state === 'done') break
  }
  await old.messages.waitFor(queued.id, 'sent', { timeout: 90_000 })
  await chat.send('two', { wait: 'sent', timeout: 90_000 })
  expect((await next(a)).content).toEqual({ type: 'text', text: 'after the copy' })
  expect((await next(a)).content).toEqual({ type: 'text', text: 'from the copy' })
  await old.sync()
  expect(await texts(old)).toEqual(['one', 'after the copy', 'while the copy slept', 'from the copy', 'two'])
})
