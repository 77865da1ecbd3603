import { expect, test } from 'vitest'
import { parseAddress, restoreIdentity } from '../../src/index.ts'
import { next, person, reopen, restored, testRelay } from './support.ts'

test('the phrase alone brings back the address; the contact’s next message arrives and the conversation goes on', async () => {
  await using relay = await testRelay()
  const alice = await person(relay)
  const bob = await person(relay)
  await bob.client.connect()
  await alice.client.connect()
  const chat = await alice.client.conversations.dm(parseAddress(bob.client.address))
  await chat.send('before', { wait: 'delivered', timeout: 90_000 })
  await bob.client.close()

  await using again = await restored(restoreIdentity(bob.phrase), relay)
  expect(again.address).toBe(bob.client.address)
  expect(again.device).not.toBe(bob.client.device)
  await again.connect()
  const [conversation] = (await again.conversations.list()).items
  expect(conversation?.peer).toBe(alice.client.address)

  for await (const { state } of again.conversations.stream({ signal: AbortSignal.timeout(120_000) }))
    if (state === 'open') break

  await chat.send('after', { wait: 'sent', timeout: 90_000 })
  expect((await next(again)).content).toEqual({ type: 'text', text: 'after' })
  const back = await again.conversations.dm(alice.client.address)
  expect(back.id).toBe(chat.id)
  await back.send('and back', { wait: 'delivered', timeout: 90_000 })
  expect((await next(alice.client)).content).toEqual({ type: 'text', text: 'and back' })
  await alice.client.close()
})

test('a restored device waits for a contact who is away, and is let in before the contact’s next message goes out', async () => {
  await using relay = await testRelay()
  const alice = await person(relay)
  const bob = await person(relay)
  await bob.client.connect()
  await alice.client.connect()
  await (await alice.client.conversations.dm(bob.client.address)).send('one', { wait: 'delivered', timeout: 90_000 })
  await bob.client.close()
  await alice.client.close()

  await using again = await restored(restoreIdentity(bob.phrase), relay)
  await again.connect()
  const mine = await again.conversations.dm(alice.client.address)
  const queued = await mine.send('from the new device')
  expect(queued.state).toBe('queued')

  await using later = await reopen(alice)
  await later.connect()
  await (await later.conversations.dm(again.address)).send('two', { wait: 'sent', timeout: 90_000 })
  expect((await next(again)).content).toEqual({ type: 'text', text: 'two' })
  expect((await next(later)).content).toEqual({ type: 'text', text: 'from the new device' })
})
