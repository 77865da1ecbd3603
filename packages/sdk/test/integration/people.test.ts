import { describe, expect, onTestFinished, test } from 'vitest'
import { host } from '#host'
import { getConversation } from '../../src/client/conversation-store.ts'
import type { IntentRecord } from '../../src/client/records.ts'
import { createClient, createIdentity, type Picture, parseRelayUrl } from '../../src/index.ts'
import { appendEntry, verifyLog } from '../../src/protocol/identity/log.ts'
import { signingKeyOf } from '../../src/protocol/identity/signing.ts'
import { member } from './life-support.ts'
import { next, stranger, testRelay } from './support.ts'

const crypto = host.crypto()
const DELIVERED = { wait: 'delivered', timeout: 90_000 } as const

const stage = async () => {
  const relay = await testRelay()
  onTestFinished(() => relay.close())
  const someone = async (options: { strangers?: 'allow' } = { strangers: 'allow' }) => {
    const identity = createIdentity()
    const client = await createClient({ identity, relays: [relay.url], ...(await host.place()), ...options })
    onTestFinished(() => client.close())
    await client.connect()
    return { client, identity }
  }
  const link = host.transport(crypto).link(parseRelayUrl(relay.url))
  onTestFinished(() => link.close())
  return { someone, link }
}

const picture: Picture = { mediaType: 'image/png', bytes: new Uint8Array(9_000).fill(3) }

describe('a profile', () => {
  test('comes before the next message, once, and again when it changed or somebody new is there', async () => {
    const { someone } = await stage()
    const [{ client: alice }, { client: bob }, { client: carol }] = [await someone(), await someone(), await someone()]
    expect(await alice.profiles.mine()).toEqual({ address: alice.address, version: 0 })
    const set = await alice.profiles.set({ name: ' Alice ', about: 'I sell bicycles.', picture })
    expect(set).toMatchObject({ name: 'Alice', about: 'I sell bicycles.', picture })
    expect(await alice.contacts.person(alice.address)).toMatchObject({ title: 'Alice', profile: set })
    const chat = await alice.conversations.dm(bob.address)
    await chat.send('hello', DELIVERED)
    expect((await next(bob)).content).toMatchObject({ text: 'hello' })
    expect(await bob.profiles.get(alice.address)).toEqual(set)
    expect(await bob.contacts.person(alice.address)).toMatchObject({ title: 'Alice', consent: 'unknown' })
    expect(await bob.conversations.get(chat.id)).toMatchObject({ title: 'Alice' })

    const changed = await alice.profiles.set({ name: 'Alice B.', about: undefined })
    expect(changed.version).toBeGreaterThan(set.version)
    expect(changed.about).toBeUndefined()
    // Nobody hears of it before the next message.
    expect(await bob.profiles.get(alice.address)).toEqual(set)
    await chat.send('again', DELIVERED)
    expect(await bob.profiles.get(alice.address)).toEqual(changed)
    await bob.contacts.add(alice.address, { name: 'my sister' })
    expect(await bob.contacts.list()).toMatchObject([{ address: alice.address, name: 'my sister' }])
    expect(await bob.conversations.get(chat.id)).toMatchObject({ title: 'my sister' })
    await bob.contacts.rename(alice.address, undefined)
    expect(await bob.contacts.find('alice b.')).toMatchObject({ address: alice.address })

    const group = await alice.groups.create({ name: 'Bicycles', people: [bob.address] })
    await expect.poll(() => bob.groups.invitations(), { timeout: 90_000 }).toHaveLength(1)
    await bob.groups.accept(group.id)
    await group.send('for Bob', { wait: 'sent', timeout: 90_000 })
    await alice.groups.add(group.id, [carol.address])
    await expect.poll(() => carol.groups.invitations(), { timeout: 90_000 }).toHaveLength(1)
    await carol.groups.accept(group.id)
    // The short form came with the invitation.
    const { picture: _, ...short } = changed
    await expect.poll(() => carol.profiles.get(alice.address), { timeout: 90_000 }).toEqual(short)
    await group.send('for Carol', { wait: 'sent', timeout: 90_000 })
    await expect.poll(() => carol.profiles.get(alice.address), { timeout: 90_000 }).toEqual(changed)
    expect((await carol.groups.info(group.id)).members.find(({ address }) => address === alice.address)).toMatchObject({
      name: 'Alice B.',
    })
  })

  test('stands before all of many messages that are queued at once, in each room', async () => {
    const { client, store } = await member({ url: 'ws://127.0.0.1:9' })
    onTestFinished(() => client.close())
    await client.profiles.set({ name: 'Alice' })
    const chats = [await client.conversations.dm(stranger()), await client.conversations.dm(stranger())]
    const words = ['one', 'two', 'three']
    await Promise.all(chats.flatMap((chat) => words.map((text) => chat.send(text))))
    for (const { id } of chats) {
      const queued = await store.read(async (tx) => {
        const room = (await getConversation(tx, id))?.active ?? ''
        return tx.page<IntentRecord>('outbox', { scope: room, limit: 10 })
      })
      expect(queued.map(({ value: { control } }) => control?.kind)).toEqual([
        'profile',
        undefined,
        undefined,
        undefined,
      ])
    }
  })

  test('tells in short who asks, before anything is opened', async () => {
    const { someone } = await stage()
    const [{ client: alice }, { client: bob }] = [await someone(), await someone({})]
    await alice.profiles.set({ name: 'Alice', picture })
    await (await alice.conversations.dm(bob.address)).send('hello', { wait: 'sent', timeout: 90_000 })
    await expect.poll(() => bob.contacts.requests(), { timeout: 90_000 }).toHaveLength(1)
    const [request] = await bob.contacts.requests()
    await expect.poll(async () => (await bob.contacts.requests())[0]?.profile?.name).toBe('Alice')
    expect(request?.profile?.picture).toBeUndefined()
    expect((await bob.conversations.list()).items).toMatchObject([{ state: 'request', title: 'Alice' }])
  })

  test.each([
    ['name', { name: 'x'.repeat(65) }],
    ['name', { name: 'two\nlines' }],
    ['about', { about: 'x'.repeat(1_001) }],
    ['picture', { picture: { mediaType: 'image/png', bytes: new Uint8Array(16 * 1024 + 1) } }],
  ] as const)('refuses a %s that does not fit', async (name, changes) => {
    const { someone } = await stage()
    const { client } = await someone()
    await expect(client.profiles.set(changes)).rejects.toMatchObject({
      code: 'usage/invalid-argument',
      details: { name },
    })
  })
})

describe('safety numbers', () => {
  test('are the same on both sides, verify, and warn when a key is replaced, not when a device comes', async () => {
    const { someone, link } = await stage()
    const [{ client: alice, identity }, { client: bob }] = [await someone(), await someone()]
    await bob.contacts.add(alice.invite())
    await alice.contacts.add(bob.invite())
    const [mine, theirs] = [
      await alice.contacts.safetyNumber(bob.address),
      await bob.contacts.safetyNumber(alice.address),
    ]
    expect(mine).toEqual(theirs)
    await expect(bob.contacts.verify(alice.address, '00000 '.repeat(12))).rejects.toMatchObject({
      code: 'identity/not-the-same',
    })
    expect(await bob.contacts.person(alice.address)).toMatchObject({ verification: 'unverified' })
    await bob.contacts.verify(alice.address, mine.qr)
    await alice.contacts.verify(bob.address, theirs.digits)
    expect(await bob.contacts.person(alice.address)).toMatchObject({ verification: 'verified', frozen: false })

    const { logs } = await link.request('identity.get', { address: alice.address })
    const known = verifyLog(logs[0] as Uint8Array[])
    const signer = { role: 'root', secretKey: identity.roots.root.secretKey } as const
    const device = signingKeyOf(crypto.random(32))
    const grown = verifyLog(
      appendEntry(
        known,
        { kind: 'add-device', deviceKey: device.publicKey, introKey: crypto.random(1216), name: 'new', at: 1 },
        signer,
      ),
    )
    const look = () => bob.contacts.safetyNumber(alice.address)
    await link.request('identity.put', { log: grown.entries.map(({ encoded }) => encoded) })
    expect(await look()).toEqual(mine)
    expect(await bob.contacts.person(alice.address)).toMatchObject({ verification: 'verified' })

    const warned = (async () => {
      for await (const event of bob.events({ signal: AbortSignal.timeout(120_000) }))
        if (event.type === 'verification-changed') return event.address
      return undefined
    })()
    const root = signingKeyOf(crypto.random(32))
    const rotated = appendEntry(grown, { kind: 'rotate-root', key: root.publicKey }, signer, root.secretKey)
    await link.request('identity.put', { log: rotated })
    expect((await look()).digits).not.toBe(mine.digits)
    expect(await warned).toBe(alice.address)
    expect(await bob.contacts.person(alice.address)).toMatchObject({ verification: 'changed', frozen: false })
    await bob.contacts.verify(alice.address, (await look()).digits)
    expect(await bob.contacts.person(alice.address)).toMatchObject({ verification: 'verified' })
    await bob.contacts.unverify(alice.address)
    expect(await bob.contacts.person(alice.address)).toMatchObject({ verification: 'unverified' })
  })

  test('warn when a log forks, and are not told any more', async () => {
    const { someone, link } = await stage()
    const [{ client: alice, identity }, { client: bob }] = [await someone(), await someone()]
    await bob.contacts.add(alice.invite())
    await bob.contacts.verify(alice.address)
    const { logs } = await link.request('identity.get', { address: alice.address })
    const known = verifyLog(logs[0] as Uint8Array[])
    const signer = { role: 'root', secretKey: identity.roots.root.secretKey } as const
    const branch = (name: string) =>
      appendEntry(
        known,
        {
          kind: 'add-device',
          deviceKey: signingKeyOf(crypto.random(32)).publicKey,
          introKey: crypto.random(1216),
          name,
          at: 1,
        },
        signer,
      )
    const warned = (async () => {
      for await (const event of bob.events({ signal: AbortSignal.timeout(120_000) }))
        if (event.type === 'verification-changed') return event.address
      return undefined
    })()
    await link.request('identity.put', { log: branch('one') })
    await bob.contacts.safetyNumber(alice.address)
    await link.request('identity.put', { log: branch('two') }).catch(() => undefined)
    await expect(bob.contacts.safetyNumber(alice.address)).rejects.toMatchObject({ code: 'identity/frozen' })
    expect(await warned).toBe(alice.address)
    expect(await bob.contacts.person(alice.address)).toMatchObject({ verification: 'changed', frozen: true })
  })
})
