import { expect, onTestFinished, test } from 'vitest'
import { host } from '#host'
import { type Client, createClient, createIdentity, restoreIdentity } from '../../src/index.ts'
import { hearEachOther, until } from './personal-support.ts'
import { next, person, testRelay } from './support.ts'

const SENT = { wait: 'sent', timeout: 90_000 } as const

/** Two devices of one person who is careful: strangers have to ask. */
const twoCareful = async (relay: { readonly url: string }): Promise<readonly [Client, Client]> => {
  const identity = createIdentity()
  const open = async (of: Parameters<typeof createClient>[0]['identity'] & object) => {
    const client = await createClient({ identity: of, relays: [relay.url], ...(await host.place()) })
    onTestFinished(() => client.close())
    await client.connect()
    return client
  }
  const first = await open(identity)
  const second = await open(restoreIdentity(identity.recoveryPhrase))
  await hearEachOther(first, second)
  return [first, second]
}

test('an answer on one device holds on all: allow, block, nicknames, profile', async () => {
  const relay = await testRelay()
  onTestFinished(() => relay.close())
  const { client: alice } = await person(relay)
  onTestFinished(() => alice.close())
  await alice.connect()
  const [phone, laptop] = await twoCareful(relay)
  const chat = await alice.conversations.dm(phone.address)
  await chat.send('hello both', SENT)
  for (const device of [phone, laptop])
    await until(
      () => device.contacts.requests(),
      ({ length }) => length === 1,
    )

  await phone.contacts.allow(alice.address)
  for (const device of [phone, laptop]) expect((await next(device)).content).toMatchObject({ text: 'hello both' })
  expect(await laptop.contacts.requests()).toEqual([])
  expect(await laptop.contacts.person(alice.address)).toMatchObject({ consent: 'allowed' })

  await laptop.contacts.add(alice.address, { name: 'Alice' })
  await until(
    () => phone.contacts.list(),
    ([contact]) => contact?.name === 'Alice',
  )
  await laptop.profiles.set({ name: 'Bob' })
  await until(
    () => phone.profiles.mine(),
    ({ name }) => name === 'Bob',
  )
  // The phone signs what the laptop wrote.
  await phone.messages.send(chat.id, 'from the phone', SENT)
  await until(
    () => alice.contacts.person(phone.address),
    ({ title }) => title === 'Bob',
  )
  await phone.contacts.verify(alice.address)
  await until(
    () => laptop.contacts.person(alice.address),
    ({ verification }) => verification === 'verified',
  )

  await laptop.contacts.block(alice.address)
  await until(
    () => phone.contacts.person(alice.address),
    ({ consent }) => consent === 'blocked',
  )
  await chat.send('into silence', SENT)
  for (const device of [phone, laptop]) {
    await device.sync()
    const { items } = await device.messages.list(chat.id)
    expect(items.map(({ content }) => (content.type === 'text' ? content.text : '?'))).not.toContain('into silence')
  }
})

test('a device that comes later takes the answers over: nobody asks twice', async () => {
  const relay = await testRelay()
  onTestFinished(() => relay.close())
  const { client: alice } = await person(relay)
  onTestFinished(() => alice.close())
  await alice.connect()
  const identity = createIdentity()
  const phone = await createClient({ identity, relays: [relay.url], ...(await host.place()) })
  onTestFinished(() => phone.close())
  await phone.connect()
  await phone.contacts.add(alice.invite(), { name: 'Alice' })
  const chat = await phone.conversations.dm(alice.address)
  await chat.send('hello Alice', { wait: 'delivered', timeout: 90_000 })
  const again = restoreIdentity(identity.recoveryPhrase)
  const laptop = await createClient({ identity: again, relays: [relay.url], ...(await host.place()) })
  onTestFinished(() => laptop.close())
  await laptop.connect()
  await until(
    () => laptop.contacts.list(),
    ([contact]) => contact?.name === 'Alice',
  )
  await until(
    () => laptop.conversations.get(chat.id),
    (conversation) => conversation?.state === 'open',
  )
  expect(await laptop.contacts.requests()).toEqual([])
  await alice.messages.send(chat.id, 'hello to both', SENT)
  expect((await next(laptop)).content).toMatchObject({ text: 'hello to both' })
})
