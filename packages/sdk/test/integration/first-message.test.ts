import { expect, test } from 'vitest'
import { parseAddress } from '../../src/index.ts'
import { person, testRelay } from './support.ts'

test('a message travels to a person who is online, and its reports come back', async () => {
  await using relay = await testRelay()
  const alice = await person(relay)
  const bob = await person(relay)
  await using _a = alice.client
  await using _b = bob.client
  await bob.client.connect()
  await alice.client.connect()
  const chat = await alice.client.conversations.dm(parseAddress(bob.client.address))
  const sent = await chat.send('Hello, Bob', { wait: 'sent', timeout: 90_000 })
  expect(sent.state).toBe('sent')
  for await (const message of bob.client.messages.stream()) {
    expect(message.content).toEqual({ type: 'text', text: 'Hello, Bob' })
    expect(message.id).toBe(sent.id)
    break
  }
  const delivered = await alice.client.messages.waitFor(sent.id, 'delivered', { timeout: 90_000 })
  expect(delivered.state).toBe('delivered')
})
