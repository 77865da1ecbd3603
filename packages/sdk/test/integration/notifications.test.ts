import { expect, test } from 'vitest'
import { host } from '#host'
import { type Client, createClient, createIdentity, mention, type Notification } from '../../src/index.ts'
import { becomes, member } from './life-support.ts'
import { type Heard, listenTo } from './listen-support.ts'
import { twoDevices } from './personal-support.ts'
import { person, testRelay } from './support.ts'

const SENT = { wait: 'sent', timeout: 90_000 } as const

const listen = ({ notifications }: Client): Heard<Notification> => listenTo((options) => notifications.stream(options))

const previews = ({ items }: Heard<Notification>) =>
  items.flatMap((item) => (item.type === 'message' ? [item.preview] : []))

const says = (preview: string) => (item: Notification) => item.type === 'message' && item.preview === preview

test('what a conversation’s rule lets through notifies, and what is read is taken away', async () => {
  await using relay = await testRelay()
  const alice = await member(relay)
  const bob = await member(relay)
  await using a = alice.client
  await using b = bob.client
  await Promise.all([a.connect(), b.connect()])
  const carol = await person(relay)
  await using c = carol.client
  await c.connect()
  const beside = await c.conversations.dm(a.address)
  const chat = await b.conversations.dm(a.address)
  const before = await chat.send('before anybody listened', SENT)
  await becomes(a, before.id, () => true)
  await a.contacts.add(b.address, { name: 'Bob' })
  await becomes(a, (await beside.send('before, too', SENT)).id, () => true)
  await a.conversations.setNotify(beside.id, { level: 'all' })
  const heard = listen(a)
  let ticks = 0
  /** Resolves when everything that came so far was judged: what comes after it notifies. */
  const judged = async (): Promise<void> => {
    const tick = `tick ${ticks++}`
    await becomes(a, (await beside.send(tick, SENT)).id, () => true)
    await heard.until(says(tick))
  }

  const first = await chat.send('first', SENT)
  expect(await heard.until(says('first'))).toEqual({
    type: 'message',
    conversation: chat.id,
    message: first.id,
    from: b.address,
    title: 'Bob',
    preview: 'first',
    mention: false,
  })
  await b.messages.react(first.id, '👍', SENT)
  await b.messages.edit(first.id, 'first, in other words', SENT)
  await (await a.conversations.dm(b.address)).send('own words', SENT)
  await a.conversations.markRead(chat.id)
  await heard.until(({ type }) => type === 'cleared')

  await a.conversations.setNotify(chat.id, { level: 'mentions' })
  await chat.send('not for anybody in particular', SENT)
  await chat.send({ type: 'markdown', markdown: `${mention(a.address, 'Alice')} look` }, SENT)
  expect(await heard.until((item) => item.type === 'message' && item.mention)).toMatchObject({ from: b.address })

  await a.conversations.setNotify(chat.id, { level: 'none', until: alice.clock.now() + 3_600_000 })
  await becomes(a, (await chat.send('muted', SENT)).id, () => true)
  await judged()
  alice.clock.advance(3_600_000)
  await chat.send('no longer muted', SENT)
  await heard.until(says('no longer muted'))

  a.notifications.reading(chat.id)
  await becomes(a, (await chat.send('read as it comes', SENT)).id, () => true)
  await judged()
  await a.conversations.markRead(chat.id)
  await heard.until(({ type }) => type === 'cleared', heard.items.findIndex(says('no longer muted')))
  a.notifications.reading(undefined)
  await a.settings.set({ notify: 'none' })
  await becomes(a, (await chat.send('silence', SENT)).id, () => true)
  await judged()
  await a.settings.set({ notify: 'all' })
  await chat.send('last', SENT)
  await heard.until(says('last'))
  const told = previews(heard).filter((text) => !text.startsWith('tick'))
  expect(told.map((text) => text.replace(/^\[.*\)/, 'mention'))).toEqual([
    'first',
    'mention look',
    'no longer muted',
    'last',
  ])
})

test('blocked people notify nobody, neither alone nor in a group', async () => {
  await using relay = await testRelay()
  const [alice, bob, carol] = await Promise.all([person(relay), person(relay), person(relay)])
  await using a = alice.client
  await using b = bob.client
  await using c = carol.client
  for (const client of [a, b, c]) await client.connect()
  const group = await a.groups.create({ name: 'Walks', people: [b.address, c.address] })
  for (const client of [b, c]) {
    for await (const { state } of client.conversations.stream({ signal: AbortSignal.timeout(120_000) }))
      if (state === 'invited') break
    await client.groups.accept(group.id)
  }
  const heard = listen(a)
  await c.messages.send(group.id, 'hello', SENT)
  expect(await heard.until(says('hello'))).toMatchObject({ title: expect.stringMatching(/ in Walks$/) })
  await a.contacts.block(b.address)
  await b.messages.send(group.id, 'noise', SENT)
  await (await b.conversations.dm(a.address)).send('more noise', SENT)
  await c.messages.send(group.id, 'that was all', SENT)
  await heard.until(says('that was all'))
  expect(previews(heard)).toEqual(['hello', 'that was all'])
})

test('a stranger’s request notifies once, and nothing that stands behind it', async () => {
  await using relay = await testRelay()
  await using a = await createClient({ identity: createIdentity(), relays: [relay.url], ...(await host.place()) })
  const bob = await person(relay)
  await using b = bob.client
  await Promise.all([a.connect(), b.connect()])
  const heard = listen(a)
  const chat = await b.conversations.dm(a.address)
  await chat.send('one', SENT)
  await chat.send('two', SENT)
  expect(await heard.until(({ type }) => type === 'request')).toMatchObject({ conversation: chat.id, from: b.address })
  await a.contacts.allow(b.address)
  await chat.send('three', SENT)
  await heard.until(says('three'))
  expect(heard.items.filter(({ type }) => type === 'request')).toHaveLength(1)
})

test('what is read on one device is taken away on the other', async () => {
  await using relay = await testRelay()
  const { first, second } = await twoDevices(relay)
  await using a = first.client
  await using other = second.client
  const bob = await person(relay)
  await using b = bob.client
  await b.connect()
  const heard = [listen(a), listen(other)] as const
  const chat = await b.conversations.dm(a.address)
  const message = await chat.send('to both', SENT)
  await Promise.all(heard.map((each) => each.until(says('to both'))))
  await becomes(a, message.id, () => true)
  await a.conversations.markRead(chat.id)
  await Promise.all(heard.map((each) => each.until(({ type }) => type === 'cleared')))
})
