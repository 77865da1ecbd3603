import { expect, test } from 'vitest'
import { agreed, hearEachOther, secondDevice, twoDevices, until } from './personal-support.ts'
import { person, reopen, testRelay } from './support.ts'

test('what one device sets, the other one shows; a person with one device sends nothing', async () => {
  await using relay = await testRelay()
  const first = await person(relay)
  await using a = first.client
  await a.connect()
  await a.settings.set({ reports: 'never', typing: false })
  await using b = (await secondDevice(first, relay)).client
  await b.connect()
  const settings = await until(
    () => b.settings.get(),
    ({ reports }) => reports === 'never',
  )
  expect(settings).toMatchObject({ typing: false, presence: true })
  await hearEachOther(a, b)
  expect((await b.conversations.list()).items).toEqual([])
  expect((await a.conversations.list()).items).toEqual([])
})

test('two devices of one person, both offline and both changed: they agree afterwards, and no words are lost', async () => {
  await using relay = await testRelay()
  const others = await Promise.all([person(relay), person(relay), person(relay)])
  for (const { client } of others) await client.connect()
  const { first, second } = await twoDevices(relay)
  const ids = []
  for (const { client } of others) {
    const chat = await client.conversations.dm(first.client.address)
    for (const n of [1, 2, 3, 4]) await chat.send(`${n}`, { wait: 'sent', timeout: 90_000 })
    ids.push(chat.id)
  }
  const [x, y, z] = ids as [(typeof ids)[0], (typeof ids)[0], (typeof ids)[0]]
  const [alice, bob, carol] = others.map(({ client }) => client.address) as [
    (typeof first.client)['address'],
    (typeof first.client)['address'],
    (typeof first.client)['address'],
  ]
  const messagesOf = async (client: typeof first.client, id: typeof x) =>
    [...(await client.messages.list(id)).items].reverse().map((message) => message.id)
  await until(
    async () => (await second.client.conversations.list()).items.map(({ unread }) => unread),
    (unread) => unread.length === 3 && unread.every((n) => n === 4),
  )
  await first.client.close()
  await second.client.close()

  const a = await reopen(first)
  const b = await reopen(second)
  const read = await messagesOf(a, x)
  await a.contacts.add(alice, { name: 'Al' })
  await b.contacts.add(alice, { name: 'Alice' })
  await a.contacts.add(bob, { name: 'Bob' })
  await b.contacts.block(carol)
  await a.conversations.markRead(x, read[1])
  await b.conversations.markRead(x, read[2])
  await a.conversations.markRead(y)
  await a.conversations.setDraft(x, { text: 'from the first' })
  await b.conversations.setDraft(x, { text: 'from the second' })
  await b.conversations.setDraft(y, { text: 'only here' })
  await a.conversations.setPinned(y, true)
  await b.conversations.setPinned(x, true)
  await b.conversations.setPinned(z, true)
  await a.conversations.setArchived(z, true)
  await b.conversations.setNotify(z, { level: 'none', until: 2_000_000_000_000 })
  await a.settings.set({ presence: false })
  await b.settings.set({ typing: false })

  await a.connect()
  await b.connect()
  const view = (await agreed(a, b)) as {
    settings: object
    contacts: unknown
    conversations: readonly { id: string; draft?: { text: string }; unread: number }[]
  }
  expect(view.settings).toMatchObject({ presence: false, typing: false })
  const at = (id: string) => view.conversations.find((conversation) => conversation.id === id)
  expect(at(x)?.draft?.text.split('\n').sort()).toEqual(['from the first', 'from the second'])
  expect(at(x)).toMatchObject({ unread: 1, pinned: true })
  expect(at(y)).toMatchObject({ unread: 0, pinned: true, draft: { text: 'only here' } })
  expect(at(z)).toMatchObject({ pinned: true, archived: true, notify: { level: 'none', until: 2_000_000_000_000 } })
  expect((await a.contacts.person(carol)).consent).toBe('blocked')
  expect(['Al', 'Alice']).toContain((await b.contacts.find(alice))?.name)

  await a.conversations.setDraft(x, { text: 'both as one' })
  await until(
    async () => (await b.conversations.get(x))?.draft?.text,
    (text) => text === 'both as one',
  )
  await Promise.all([a, b, ...others.map(({ client }) => client)].map((client) => client.close()))
})

test('what was read on one device before it came to the other one is read there too', async () => {
  await using relay = await testRelay()
  const other = await person(relay)
  await using c = other.client
  await c.connect()
  const { first, second } = await twoDevices(relay)
  await using a = first.client
  const chat = await c.conversations.dm(a.address)
  await chat.send('one', { wait: 'delivered', timeout: 90_000 })
  await until(
    () => second.client.conversations.get(chat.id),
    (conversation) => conversation?.unread === 1,
  )
  await second.client.close()
  await chat.send('two', { wait: 'delivered', timeout: 90_000 })
  await until(
    () => a.conversations.get(chat.id),
    (conversation) => conversation?.unread === 2,
  )
  await a.conversations.markRead(chat.id)
  await a.sync()
  await using b = await reopen(second)
  await b.connect()
  await until(
    async () => (await b.messages.list(chat.id)).items.map(({ state }) => state),
    (states) => states.length === 2 && states.every((state) => state === 'read'),
  )
  expect((await b.conversations.get(chat.id))?.unread).toBe(0)
})

test('all other devices are lost: a restored one opens a conversation of its own, and the next one finds its state there', async () => {
  await using relay = await testRelay()
  const first = await person(relay)
  await first.client.connect()
  const second = await secondDevice(first, relay)
  await second.client.connect()
  await hearEachOther(first.client, second.client)
  await first.client.close()
  await second.client.settings.set({ strangers: 'allow' })
  await second.client.sync()
  await using third = (await secondDevice(first, relay)).client
  await third.connect()
  await until(
    () => third.settings.get(),
    ({ strangers }) => strangers === 'allow',
  )
  await second.client.close()
  // The first one comes back, and hears of what it missed.
  await using again = await reopen(first)
  await again.connect()
  await third.settings.set({ typing: false })
  await until(
    () => again.settings.get(),
    ({ typing, strangers }) => !typing && strangers === 'allow',
  )
})

test('pinned conversations stand first, page by page', async () => {
  const alone = await person({ url: 'ws://127.0.0.1:9' })
  await using client = alone.client
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
  const ids = []
  for (const name of names) ids.push((await client.groups.create({ name })).id)
  const [a, , c, , e] = ids as [(typeof ids)[0], unknown, (typeof ids)[0], unknown, (typeof ids)[0]]
  for (const id of [c, a, e]) await client.conversations.setPinned(id, true)
  const titles = async (limit: number) => {
    const seen: (string | undefined)[] = []
    let before: string | undefined
    do {
      const page = await client.conversations.list({ limit, ...(before === undefined ? {} : { before }) })
      seen.push(...page.items.map(({ title }) => title))
      before = page.next
    } while (before !== undefined)
    return seen
  }
  for (const limit of [1, 2, 3, 4, 5, 50]) expect(await titles(limit)).toEqual(['c', 'a', 'e', 'g', 'f', 'd', 'b'])
  await client.conversations.setPinned(a, false)
  await client.conversations.setPinned(c, true)
  for (const limit of [1, 2, 3, 50]) expect(await titles(limit)).toEqual(['c', 'e', 'g', 'f', 'd', 'b', 'a'])
})

test('what cannot be is refused', async () => {
  const alone = await person({ url: 'ws://127.0.0.1:9' })
  await using client = alone.client
  const { id } = await client.groups.create({ name: 'Harvest' })
  const unknown = `${id.slice(2)}00` as typeof id
  await expect(client.conversations.setPinned(unknown, true)).rejects.toMatchObject({ code: 'conversation/unknown' })
  const invalid = { code: 'usage/invalid-argument' }
  await expect(client.conversations.setDraft(id, { text: 'x'.repeat(32_769) })).rejects.toMatchObject(invalid)
  await expect(client.conversations.setNotify(id, { level: 'loud' as 'all' })).rejects.toMatchObject(invalid)
  await expect(client.conversations.setNotify(id, { level: 'all', until: -1 })).rejects.toMatchObject(invalid)
  await expect(client.settings.set({ typing: 'yes' as unknown as boolean })).rejects.toMatchObject(invalid)
  await expect(client.settings.set({ volume: 11 } as object)).rejects.toMatchObject(invalid)
  await client.conversations.setDraft(id, { text: 'half a sen' })
  expect(await client.conversations.get(id)).toMatchObject({ draft: { text: 'half a sen' } })
  await client.conversations.setDraft(id, { text: '' })
  expect((await client.conversations.get(id))?.draft).toBeUndefined()
})
