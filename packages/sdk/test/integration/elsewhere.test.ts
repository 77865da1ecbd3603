import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseRelayUrl } from '../../src/index.ts'
import { type Person, person, reopen, testRelay } from './support.ts'

let here: Awaited<ReturnType<typeof testRelay>>
let elsewhere: typeof here
let ann: Person
let ben: Person

beforeEach(async () => {
  here = await testRelay()
  elsewhere = await testRelay()
  ann = await person(here)
  ben = await person(elsewhere)
  await ben.client.connect()
})
afterEach(async () => {
  await Promise.all([ann, ben].map(({ client }) => client.close()))
  await Promise.all([here, elsewhere].map((relay) => relay.close()))
})

const told = () => ({ relays: [parseRelayUrl(elsewhere.url)] })
const SENT = { wait: 'sent', timeout: 60_000 } as const

test('who is at home at a relay of their own is found there, whenever the first message is written', async () => {
  await ann.client.connect()
  const chat = await ann.client.conversations.dm(ben.client.address, told())
  expect((await chat.send('Hello!', SENT)).state).toBe('sent')
})

test('where somebody may be found is kept with what is written offline', async () => {
  const chat = await ann.client.conversations.dm(ben.client.address, told())
  const { id } = await chat.send('Hello!')
  await ann.client.close()
  ann = { ...ann, client: await reopen(ann) }
  await ann.client.messages.send(chat.id, 'Are you there?')
  await ann.client.connect()
  await expect
    .poll(async () => (await ann.client.messages.get(id))?.state, { timeout: 60_000 })
    .toMatch(/sent|delivered/)
})

test('what failed because nobody knew the person goes out once it is said where they are', async () => {
  await ann.client.connect()
  const blind = await ann.client.conversations.dm(ben.client.address)
  const failed = blind.send('Hello?', SENT)
  await expect(failed).rejects.toMatchObject({ code: 'identity/unknown-peer' })
  const chat = await ann.client.conversations.dm(ben.client.address, told())
  expect((await chat.send('Hello!', SENT)).state).toBe('sent')
  const [lost] = (await ann.client.messages.list(chat.id)).items.filter(({ state }) => state === 'failed')
  expect(lost).toBeDefined()
  if (lost !== undefined) await ann.client.messages.retry(lost.id)
  await expect
    .poll(async () => lost && (await ann.client.messages.get(lost.id))?.state, { timeout: 60_000 })
    .toMatch(/sent|delivered/)
})
