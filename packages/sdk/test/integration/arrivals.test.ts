import { expect, test } from 'vitest'
import type { Arrival, Client, ClientEvent, ConversationId, Cursor, Keyboard, MessageId } from '../../src/index.ts'
import { company, reopen } from './support.ts'

const SENT = { wait: 'sent', timeout: 90_000 } as const
const { open, join } = company()

const KEYBOARD: Keyboard = [
  [
    { text: 'Pizza', callback: 'v:1' },
    { text: 'Soup', callback: 'v:2' },
  ],
  [{ text: 'The menu', url: 'https://example.org/menu' }],
]

/** So many arrivals, each acknowledged. */
const take = async (client: Client, count: number, name = 'gateway'): Promise<Arrival[]> => {
  const found: Arrival[] = []
  if (count === 0) return found
  for await (const arrival of client.messages.arrivals({ name, manual: true, signal: AbortSignal.timeout(120_000) })) {
    found.push(arrival)
    await client.messages.ack(arrival.cursor, { name })
    if (found.length === count) return found
  }
  throw new Error('the stream ended')
}

const event = async <T extends ClientEvent['type']>(events: AsyncIterable<ClientEvent>, type: T) => {
  for await (const each of events) if (each.type === type) return each as Extract<ClientEvent, { type: T }>
  throw new Error('the events ended')
}

/** Where somebody writes to the bot. */
const conversationOf = (arrival: Arrival | undefined): ConversationId => {
  if (arrival?.type !== 'message') throw new Error('no message arrived')
  return arrival.message.conversation
}

/** Everything that waits, none of it acknowledged. */
const waiting = async (client: Client, name = 'gateway'): Promise<Arrival[]> => {
  const found: Arrival[] = []
  for await (const arrival of client.messages.arrivals({ name, manual: true, once: true })) found.push(arrival)
  return found
}

test('what others do arrives in one order, once per name, over a restart', async () => {
  const bot = await join()
  const ann = await join()
  // From here on what is done to messages is kept.
  expect(await waiting(bot.client)).toEqual([])
  const chat = await ann.client.conversations.dm(bot.client.address)
  const first = await chat.send('/poll lunch?', SENT)
  await ann.client.messages.react(first.id, '👍', SENT)
  await ann.client.messages.edit(first.id, '/poll dinner?', SENT)
  const [message, reaction, edit] = await take(bot.client, 3)
  expect(message).toMatchObject({ type: 'message', message: { id: first.id } })
  expect(reaction).toMatchObject({ type: 'reaction', emoji: '👍', added: true, by: ann.client.address })
  expect(edit).toMatchObject({
    type: 'edited',
    by: ann.client.address,
    message: { content: { text: '/poll dinner?' } },
  })

  await ann.client.messages.unreact(first.id, '👍', SENT)
  await ann.client.messages.delete(first.id, SENT)
  await bot.client.sync()
  expect((await waiting(bot.client)).map(({ type }) => type)).toEqual(['reaction', 'deleted'])
  await bot.client.close()
  const again = await reopen(bot)
  open.push(again)
  await again.connect()
  expect(await take(again, 2)).toMatchObject([{ type: 'reaction', added: false }, { type: 'deleted' }])
  expect(await waiting(again)).toEqual([])
})

test('a button is pressed, its author is told, and what that answers reaches who pressed', async () => {
  const bot = await join()
  const ann = await join()
  await waiting(bot.client)
  const chat = await ann.client.conversations.dm(bot.client.address)
  await chat.send('lunch?', SENT)
  const [hello] = await take(bot.client, 1)
  const asked = await bot.client.messages.send(
    conversationOf(hello),
    { type: 'text', text: 'Where?', keyboard: KEYBOARD },
    SENT,
  )
  expect(asked.content).toEqual({ type: 'text', text: 'Where?', keyboard: KEYBOARD })
  await ann.client.sync()
  const seen = await ann.client.messages.get(asked.id)
  expect(seen?.content).toEqual({ type: 'text', text: 'Where?', keyboard: KEYBOARD })

  const events = ann.client.events({ signal: AbortSignal.timeout(120_000) })
  const { id: press } = await ann.client.messages.press(asked.id, 'v:2', { ...SENT, clientId: 'once' })
  expect(await ann.client.messages.press(asked.id, 'v:2', { clientId: 'once' })).toMatchObject({ id: press })
  expect(await take(bot.client, 1)).toMatchObject([
    { type: 'press', press, callback: 'v:2', by: ann.client.address, message: { id: asked.id } },
  ])
  await bot.client.messages.answerPress(press, { text: 'Voted', alert: true }, SENT)
  expect(await event(events, 'press-answered')).toEqual({
    type: 'press-answered',
    conversation: asked.conversation,
    message: asked.id,
    press,
    text: 'Voted',
    alert: true,
  })
  // Neither is a message.
  const { items } = await ann.client.messages.list(asked.conversation)
  expect(items.flatMap(({ content }) => (content.type === 'text' ? [content.text] : []))).toEqual(['Where?', 'lunch?'])

  await expect(ann.client.messages.press(asked.id, 'v:9')).rejects.toMatchObject({ code: 'message/not-permitted' })
  await expect(bot.client.messages.press(asked.id, 'v:1')).rejects.toMatchObject({ code: 'message/not-permitted' })
  await expect(ann.client.messages.answerPress(press)).rejects.toMatchObject({ code: 'message/unknown' })
  await expect(ann.client.messages.answerPress('00'.repeat(32) as MessageId)).rejects.toMatchObject({
    code: 'message/unknown',
  })
})

test('a button that an edit took away can still be pressed by who has not seen the edit', async () => {
  const bot = await join()
  const ann = await join()
  await waiting(bot.client)
  const chat = await ann.client.conversations.dm(bot.client.address)
  await chat.send('lunch?', SENT)
  const [hello] = await take(bot.client, 1)
  const conversation = conversationOf(hello)
  const asked = await bot.client.messages.send(conversation, { type: 'text', text: 'Where?', keyboard: KEYBOARD }, SENT)
  await ann.client.sync()
  await bot.client.messages.edit(asked.id, 'Too late.', SENT)
  await ann.client.messages.press(asked.id, 'v:1', SENT)
  expect(await take(bot.client, 1)).toMatchObject([{ type: 'press', callback: 'v:1' }])
  const edited = await ann.client.messages.get(asked.id)
  expect(edited?.content).toEqual({ type: 'text', text: 'Too late.' })
})

test('what is done is kept until every name has it, and not before one asks', async () => {
  const bot = await join()
  const ann = await join()
  const chat = await ann.client.conversations.dm(bot.client.address)
  const first = await chat.send('early', SENT)
  await ann.client.messages.react(first.id, '🎉', SENT)
  await bot.client.sync()
  expect((await waiting(bot.client, 'one')).map(({ type }) => type)).toEqual(['message'])
  expect((await waiting(bot.client, 'two')).map(({ type }) => type)).toEqual(['message'])
  await ann.client.messages.react(first.id, '👍', SENT)
  await bot.client.sync()
  const [, last] = await take(bot.client, 2, 'one')
  expect(last).toMatchObject({ type: 'reaction', emoji: '👍' })
  expect((await waiting(bot.client, 'two')).map(({ type }) => type)).toEqual(['message', 'reaction'])
  await bot.client.messages.ack((last as Arrival).cursor as Cursor, { name: 'two' })
  const rest = bot.client.messages.arrivals({ name: 'three', after: 'start', once: true })
  const types: string[] = []
  for await (const { type } of rest) types.push(type)
  expect(types).toEqual(['message'])
})
