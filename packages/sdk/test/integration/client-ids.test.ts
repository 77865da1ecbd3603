import { expect, test } from 'vitest'
import { type Cursor, createIdentity } from '../../src/index.ts'
import { person, stranger, testRelay } from './support.ts'

test('what is asked for twice with one key is done once: groups, edits, reactions, deletions', async () => {
  await using relay = await testRelay()
  const alice = await person(relay)
  await using _a = alice.client
  const { groups, messages, conversations } = alice.client
  await alice.client.connect()
  const made = await groups.create({ name: 'Trip', clientId: 'g' })
  expect((await groups.create({ name: 'Trip', clientId: 'g' })).id).toBe(made.id)
  expect((await conversations.list()).items).toHaveLength(1)
  const other = groups.create({ name: 'Trip', clientId: 'g', people: [stranger()] })
  await expect(other).rejects.toMatchObject({ code: 'message/client-id-reused' })

  const { id } = await messages.send(made.id, 'one', { wait: 'sent' })
  const edit = await messages.edit(id, 'two', { clientId: 'e', wait: 'sent' })
  expect(await messages.edit(id, 'two', { clientId: 'e', wait: 'sent' })).toEqual(edit)
  expect((await messages.get(id))?.editions).toHaveLength(1)
  await expect(messages.edit(id, 'three', { clientId: 'e' })).rejects.toMatchObject({
    code: 'message/client-id-reused',
  })

  await messages.react(id, '👍', { wait: 'sent' })
  const back = await messages.unreact(id, '👍', { clientId: 'u', wait: 'sent' })
  expect(await messages.unreact(id, '👍', { clientId: 'u', wait: 'sent' })).toEqual(back)

  const gone = await messages.delete(id, { clientId: 'd', wait: 'sent' })
  expect(await messages.delete(id, { clientId: 'd', wait: 'sent' })).toEqual(gone)
})

test('a message that never left is dropped once, though it is deleted twice with one key', async () => {
  await using relay = await testRelay()
  const alice = await person(relay)
  await using _a = alice.client
  const chat = await alice.client.conversations.dm(createIdentity().address)
  const { id } = await chat.send('oh no')
  const gone = await alice.client.messages.delete(id, { clientId: 'd' })
  expect(await alice.client.messages.delete(id, { clientId: 'd' })).toEqual(gone)
  expect(gone).toEqual({ id, target: id })
})

test('a stream after the cursor gives what comes from then on', async () => {
  await using relay = await testRelay()
  const alice = await person(relay)
  await using _a = alice.client
  expect(await alice.client.messages.cursor()).toBe('0' as Cursor)
  await alice.client.connect()
  const { id } = await alice.client.groups.create({ name: 'Notes' })
  await alice.client.messages.send(id, 'one', { wait: 'sent' })
  const after = await alice.client.messages.cursor()
  await alice.client.messages.send(id, 'two', { wait: 'sent' })
  const found: unknown[] = []
  for await (const { content } of alice.client.messages.stream({ after, own: true, once: true })) found.push(content)
  expect(found).toEqual([{ type: 'text', text: 'two' }])
})
