import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DchatError } from '@dchat/sdk/errors'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { OwnerGone } from '../src/rpc/connection.ts'
import type { Dispatcher } from '../src/rpc/serve.ts'
import { acquire } from '../src/session/acquire.ts'
import type { AttachOptions } from '../src/session/attach.ts'
import { attach } from '../src/session/attach.ts'
import { LOCAL_PROTOCOL } from '../src/session/greeting.ts'
import type { Peer } from '../src/session/peer.ts'
import { serveSocket } from '../src/session/serve-socket.ts'
import { createSession } from '../src/session/session.ts'

const served = (address: string): Dispatcher => ({
  kind: (method) => (method === 'whoami' ? 'call' : undefined),
  call: async () => ({ address, device: 'd', relays: [] }),
  async *stream() {},
})

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'dchat-cli-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

const options = (store = '/store/a'): AttachOptions => ({
  paths: [join(root, 'run', 'default.sock'), join(root, 'run', `${store.replaceAll('/', '-')}.sock`)],
  store,
  uid: process.getuid?.(),
})
const greeting = (store: string) => ({ protocol: LOCAL_PROTOCOL, store, pid: process.pid, relays: ['ws://r'] })
const serve = (name: string, store = '/store/a') => serveSocket(served(name), greeting(store), options(store))
const whoIs = async (store?: string): Promise<string | undefined> => {
  const peer = await attach(options(store))
  const me = await peer?.call('whoami', {})
  await peer?.close()
  return me?.address
}

describe('the socket of an owner', () => {
  test('is for this user alone, and gone after it closed', async () => {
    const server = await serve('one')
    expect((await stat(server.path)).mode & 0o777).toBe(0o600)
    expect((await stat(dirname(server.path))).mode & 0o777).toBe(0o700)
    expect(await whoIs()).toBe('one')
    await server.close()
    await expect(stat(server.path)).rejects.toMatchObject({ code: 'ENOENT' })
    expect(await whoIs()).toBeUndefined()
  })

  test('takes the place of one that was killed', async () => {
    const [path] = options().paths
    await mkdir(join(root, 'run'), { mode: 0o700 })
    const killed = createServer().listen(path)
    await new Promise((resolve) => killed.once('listening', resolve))
    // A process that is killed leaves its file: move it away while it closes.
    const { rename } = await import('node:fs/promises')
    await rename(path as string, `${path}.kept`)
    await new Promise((resolve) => killed.close(resolve))
    await rename(`${path}.kept`, path as string)
    expect(await whoIs()).toBeUndefined()
    const server = await serve('next')
    expect(server.path).toBe(path)
    expect(await whoIs()).toBe('next')
    await server.close()
  })

  test('is never taken for the one of another store with the same name', async () => {
    const one = await serve('one', '/store/a')
    expect(await whoIs('/store/b')).toBeUndefined()
    const two = await serve('two', '/store/b')
    expect(two.path).not.toBe(one.path)
    expect([await whoIs('/store/a'), await whoIs('/store/b')]).toEqual(['one', 'two'])
    await one.close()
    expect(await whoIs('/store/b')).toBe('two')
    await two.close()
  })

  test('is not used in a folder that others can change', async () => {
    const server = await serve('one')
    await chmod(join(root, 'run'), 0o777)
    await expect(whoIs()).rejects.toMatchObject({ code: 'storage/unavailable' })
    await server.close()
  })

  test('is not made in a folder that is a link to somewhere else', async () => {
    await mkdir(join(root, 'elsewhere'))
    await symlink(join(root, 'elsewhere'), join(root, 'run'))
    await expect(serve('one')).rejects.toMatchObject({ code: 'storage/unavailable' })
  })

  test('an owner of another protocol is named as such', async () => {
    const server = await serveSocket(served('old'), { ...greeting('/store/a'), protocol: 99 }, options())
    await expect(whoIs()).rejects.toMatchObject({ code: 'protocol/unsupported-version', details: { found: [99] } })
    await server.close()
  })

  test('a file that is no socket is no owner', async () => {
    await mkdir(join(root, 'run'), { mode: 0o700 })
    await writeFile(join(root, 'run', 'default.sock'), '')
    expect(await whoIs()).toBeUndefined()
    const server = await serve('one')
    expect(await whoIs()).toBe('one')
    await server.close()
  })
})

const peer = (over: Partial<Peer> = {}): Peer => ({
  role: 'attached',
  relays: [],
  call: () => Promise.reject(new OwnerGone()),
  stream: async function* () {
    yield* [] as never[]
    throw new OwnerGone()
  },
  close: async () => {},
  ...over,
})
const inUse = (): DchatError => new DchatError('storage/in-use', { store: 's', owner: 'o' })

describe('who owns the store', () => {
  test('of many that start at once exactly one owns it, and the others attach', async () => {
    let locked = false
    let stop = async (): Promise<void> => {}
    const own = async (): Promise<Peer> => {
      if (locked) throw inUse()
      locked = true
      const server = await serve('the one')
      stop = server.close
      return peer({ role: 'owner' })
    }
    const start = () => acquire({ join: () => attach(options()), own, patience: 10_000 })
    const peers = await Promise.all(Array.from({ length: 20 }, start))
    expect(peers.filter(({ role }) => role === 'owner')).toHaveLength(1)
    await Promise.all(peers.map((each) => each.close()))
    await stop()
  })

  test('a store that stays in use is an error in the end', async () => {
    let tries = 0
    const own = (): Promise<never> => {
      tries += 1
      return Promise.reject(inUse())
    }
    await expect(acquire({ join: async () => undefined, own, patience: 100 })).rejects.toMatchObject({
      code: 'storage/in-use',
    })
    expect(tries).toBeGreaterThan(1)
  })

  test('any other failure to open it is told at once', async () => {
    const own = () => Promise.reject(new DchatError('identity/wrong-passphrase', {}))
    await expect(acquire({ join: async () => undefined, own, patience: 60_000 })).rejects.toMatchObject({
      code: 'identity/wrong-passphrase',
    })
  })
})

describe('a session outlives owners', () => {
  const answering = (name: string) => peer({ call: (async () => ({ link: name })) as unknown as Peer['call'] })

  test('calls are repeated with the next owner, in the order in which they were made', async () => {
    const asked: string[] = []
    const next = peer({
      call: (async (_method: string, { text }: { text: string }) => {
        asked.push(text)
        return { id: text }
      }) as unknown as Peer['call'],
    })
    const peers = [peer(), peer(), next]
    const session = createSession(async () => peers.shift() as Peer)
    const texts = Array.from({ length: 50 }, (_, i) => `${i}`)
    await Promise.all(texts.map((text) => session.call('send', { chat: 'b', text, clientId: text })))
    expect(asked).toEqual(texts)
  })

  test('what would be done twice is asked for once, and nobody claims to know what became of it', async () => {
    let asked = 0
    const session = createSession(async () =>
      peer({
        call: () => {
          asked += 1
          return Promise.reject(new OwnerGone())
        },
      }),
    )
    const made = session.call('group.create', { name: 'Trip' }, { once: true })
    await expect(made).rejects.toMatchObject({ code: 'storage/unavailable', hint: expect.stringContaining('look') })
    expect(asked).toBe(1)
  })

  test('a stream goes on after the last element that was handed out', async () => {
    const starts: unknown[] = []
    const streaming = (from: number, to: number, gone: boolean): Peer =>
      peer({
        stream: async function* (_method: string, params: unknown) {
          starts.push(params)
          for (let cursor = from; cursor <= to; cursor++) yield { cursor: `${cursor}` }
          if (gone) throw new OwnerGone()
        } as unknown as Peer['stream'],
      })
    const peers = [streaming(1, 2, true), streaming(3, 2, true), streaming(3, 4, false)]
    const session = createSession(async () => peers.shift() as Peer)
    const seen: (string | undefined)[] = []
    const resume = () => (seen.length === 0 ? {} : { since: seen.at(-1) as string })
    for await (const { cursor } of session.stream('listen', {}, { resume })) seen.push(cursor)
    expect(seen).toEqual(['1', '2', '3', '4'])
    expect(starts).toEqual([{}, { since: '2' }, { since: '2' }])
  })

  test('a failed start is tried again by the next call', async () => {
    let tries = 0
    const session = createSession(async () => {
      tries += 1
      if (tries === 1) throw inUse()
      return answering('second')
    })
    await expect(session.call('invite', {})).rejects.toMatchObject({ code: 'storage/in-use' })
    expect(await session.call('invite', {})).toEqual({ link: 'second' })
  })

  test('after it closed nothing is asked any more', async () => {
    let closed = 0
    const session = createSession(async () => ({ ...answering('one'), close: async () => void closed++ }))
    await session.call('invite', {})
    await session.close()
    await session.close()
    expect(closed).toBe(1)
    await expect(session.call('whoami', {})).rejects.toMatchObject({ code: 'usage/closed' })
  })
})
