import { expect, test } from 'vitest'
import type { Client, InlineAnswer, InlineQuery } from '../../src/index.ts'
import { company } from './support.ts'

const SENT = { wait: 'sent', timeout: 90_000 } as const
const { join } = company()

const FOUND: InlineAnswer = {
  cacheSeconds: 30,
  results: [
    { id: 'a', title: 'Für Elise', description: 'Beethoven', text: '**Für Elise**, 1810', format: 'markdown' },
    { id: 'b', title: 'Gymnopédie', text: 'Gymnopédie No. 1', format: 'text' },
  ],
}

/** Answers each query of a bot by what the function finds; gives them. */
const answering = (bot: Client, find: (query: InlineQuery) => Promise<void>) => {
  const over = new AbortController()
  const asked: InlineQuery[] = []
  const done = (async () => {
    for await (const arrival of bot.messages.arrivals({ name: 'bot', signal: over.signal })) {
      if (arrival.type !== 'query') continue
      asked.push(arrival)
      await find(arrival)
    }
  })().catch((error: unknown) => {
    if (!over.signal.aborted) throw error
  })
  const stop = async (): Promise<void> => {
    over.abort()
    await done
  }
  return { asked, stop }
}

test('a bot is asked while somebody types, and what it finds is no message', async () => {
  const bot = await join()
  const ann = await join()
  const { asked, stop } = answering(bot.client, ({ query }) => bot.client.inline.answer(query, FOUND))
  const chat = await ann.client.conversations.dm(bot.client.address)
  await chat.send('hello', SENT)
  expect(await ann.client.inline.query(chat.id, 'für', { timeout: 90_000 })).toEqual(FOUND)
  expect(asked).toEqual([
    expect.objectContaining({ type: 'query', text: 'für', by: ann.client.address, conversation: expect.any(String) }),
  ])
  const [first] = asked
  await expect(bot.client.inline.answer((first as InlineQuery).query, FOUND)).rejects.toMatchObject({
    code: 'message/unknown',
  })
  const { items } = await ann.client.messages.list(chat.id)
  expect(items.filter(({ content }) => content.type !== 'notice')).toHaveLength(1)
  await stop()
})

test('a bot that is silent is given up, and nothing is asked where there is no bot', async () => {
  const bot = await join()
  const ann = await join()
  const chat = await ann.client.conversations.dm(bot.client.address)
  await chat.send('hello', SENT)
  await expect(ann.client.inline.query(chat.id, 'x', { timeout: 50 })).rejects.toMatchObject({
    code: 'transport/unconfirmed',
  })
  const group = await ann.client.groups.create({ name: 'Walks', people: [bot.client.address] })
  await expect(ann.client.inline.query(group.id, 'x')).rejects.toMatchObject({ code: 'conversation/unknown' })
  await expect(ann.client.inline.query(chat.id, 'x'.repeat(257))).rejects.toMatchObject({ code: 'protocol/malformed' })
  await expect(
    ann.client.inline.query(chat.id, 'x', { signal: AbortSignal.abort(new Error('enough')) }),
  ).rejects.toThrow('enough')
})
