import { expect, test } from 'vitest'
import { createRelay } from '../../../../relay/src/index.ts'
import { type Client, createClient, createIdentity, type Message, type NewIdentity } from '../../../src/index.ts'
import { Origin } from '../../../src/testing/tabs/origin.ts'
import { Disk, realTab } from './real-support.ts'
import { seeded } from './support.ts'

const textOf = ({ content }: Message): string => (content.type === 'text' ? content.text : '')
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test('tabs over real clients: each message once, in order, whoever dies', async () => {
  await using relay = await createRelay()
  const origin = new Origin(seeded(7))
  const disk = new Disk()
  const identity: NewIdentity = createIdentity()
  const peer = await createClient({
    identity: createIdentity(),
    relays: [relay.url],
    store: ':memory:',
    strangers: 'allow',
  })
  await using _p = peer
  await peer.connect()
  const received: string[] = []
  void (async () => {
    for await (const message of peer.messages.stream()) received.push(textOf(message))
  })()

  const open = () => realTab(origin, disk, identity, relay)
  const tabs = [await open(), await open(), await open()]
  const [first] = tabs as [(typeof tabs)[0]]
  await first.client.connect()
  const { id } = await first.client.conversations.dm(peer.address)

  // One side opens the conversation: two rooms that become one would each keep an order of their own.
  await first.client.messages.send(id, 'hello')
  while (received.length === 0) await pause(10)
  received.length = 0

  const survivor = tabs[2] as (typeof tabs)[0]
  const found: string[] = []
  const reading = (async () => {
    for await (const message of survivor.client.messages.stream({ after: 'now', name: 'survivor' })) {
      found.push(textOf(message))
      if (found.length === 40) break
    }
  })()
  const sends: Promise<Message>[] = []
  const chat = await peer.conversations.dm(identity.address)
  for (let n = 0; n < 40; n++) {
    await chat.send(`peer ${n}`)
    sends.push(survivor.client.messages.send(id, `tab ${n}`))
    if (n === 10 || n === 20 || n === 30) {
      const owner = tabs.find((each) => each.tab.isAlive && each !== survivor && each.isOwner())
      owner?.kill()
      tabs.push(await open())
    }
    await pause(10)
  }
  const sent = await Promise.all(sends)
  await Promise.all(
    sent.map(({ id: message }) => survivor.client.messages.waitFor(message, 'sent', { timeout: 60_000 })),
  )
  await reading
  expect(found).toEqual(Array.from({ length: 40 }, (_, n) => `peer ${n}`))
  for (let round = 0; received.length < 40 && round < 500; round++) await pause(20)
  expect(received).toEqual(Array.from({ length: 40 }, (_, n) => `tab ${n}`))
  expect(tabs.filter(({ tab }) => !tab.isAlive).length).toBeGreaterThanOrEqual(2)
  const shared: readonly Client[] = tabs.filter(({ tab }) => tab.isAlive).map(({ client }) => client)
  for (const client of shared) await client.close()
  expect(origin.held).toEqual([])
})
