import type { Client, Message } from '@dchat/sdk'
import { mention } from '@dchat/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Acts } from '../../src/renderer/state/acts.svelte.ts'
import { Composer } from '../../src/renderer/state/composer.svelte.ts'
import { Thread } from '../../src/renderer/state/thread.svelte.ts'
import { type Pair, pair, until } from './people.ts'

let world: Pair
const over = new AbortController()
beforeAll(async () => {
  world = await pair()
})
afterAll(async () => {
  over.abort()
  await world[Symbol.asyncDispose]()
})

const open = async (client: Client) => {
  const { failed } = world
  const { id } = client === world.ann ? world.annsChat : world.bobsChat
  const acts = new Acts(client, over.signal, failed)
  const thread = new Thread({ client, acts, conversation: id, unread: 0, failed })
  await until(() => thread.loaded)
  const draft = (await client.conversations.get(id))?.draft
  const people = () => [{ address: world.bob.address, name: 'Bob B' }]
  const composer = new Composer({ client, acts, thread, people, draft, failed })
  return { thread, composer, [Symbol.dispose]: () => thread.close() }
}
const last = ({ messages }: Thread): Message => messages[messages.length - 1] as Message

test('plain words go out as text, markup and mentions as markdown', async () => {
  using annsSide = await open(world.ann)
  const { composer, thread } = annsSide
  composer.input('  5 * 3\n= 15 ')
  await composer.send()
  expect(last(thread).content).toEqual({ type: 'text', text: '5 * 3\n= 15' })
  composer.input('Hi @bob b, *look*')
  await composer.send()
  expect(last(thread).content).toEqual({
    type: 'markdown',
    markdown: `Hi ${mention(world.bob.address, 'Bob B')}, *look*`,
  })
  expect(composer.text).toBe('')
  composer.input(' \n ')
  const before = thread.messages.length
  await composer.send()
  expect(thread.messages).toHaveLength(before)
})

test('a draft is kept with what it answers, comes back, and is gone when it was sent', async () => {
  {
    using first = await open(world.ann)
    first.composer.reply(first.thread.messages[0] as Message)
    first.composer.input('half a sen')
    await first.composer.flush()
  }
  using again = await open(world.ann)
  const { composer, thread } = again
  const replyTo = thread.messages[0]?.id
  expect([composer.text, composer.replyTo]).toEqual(['half a sen', replyTo])
  await composer.send()
  expect(last(thread).content).toEqual({ type: 'text', text: 'half a sen', replyTo })
  expect((await world.ann.conversations.get(world.annsChat.id))?.draft).toBeUndefined()
})

test('a draft of another device is taken over only where nothing was written here', async () => {
  using annsSide = await open(world.ann)
  const { composer } = annsSide
  composer.adopt({ text: 'from elsewhere' })
  expect(composer.text).toBe('from elsewhere')
  composer.input('mine')
  composer.adopt({ text: 'from elsewhere, later' })
  expect(composer.text).toBe('mine')
  composer.input('')
  await composer.flush()
})

test('what the record tells late of drafts kept here changes nothing', async () => {
  using annsSide = await open(world.ann)
  const { composer } = annsSide
  composer.input('first words')
  await composer.flush()
  // The record of before, told again because something else in it changed.
  composer.adopt(undefined)
  expect(composer.text).toBe('first words')
  composer.input('')
  await composer.flush()
  composer.adopt({ text: 'first words' })
  expect(composer.text).toBe('')
  composer.adopt(undefined)
  composer.adopt({ text: 'from elsewhere' })
  expect(composer.text).toBe('from elsewhere')
  composer.input('')
  await composer.flush()
})

test('an edit begins with what was typed, leaves the draft alone, and changes the message', async () => {
  using annsSide = await open(world.ann)
  const { composer, thread } = annsSide
  composer.input('Dear @Bob B')
  await composer.send()
  const message = last(thread)
  composer.input('a draft')
  composer.edit(message)
  expect(composer.text).toBe('Dear @Bob B')
  expect(composer.cancel()).toBe(true)
  expect(composer.text).toBe('a draft')

  composer.edit(message)
  composer.input('Dear @Bob B!')
  const saving = composer.send()
  expect(composer.text).toBe('a draft')
  await saving
  await until(() => last(thread).editedAt !== undefined)
  expect(last(thread).content).toMatchObject({ markdown: `Dear ${mention(world.bob.address, 'Bob B')}!` })
  composer.input('')
  await composer.flush()
})

test('words that cannot be kept come back, before what was written meanwhile', async () => {
  using annsSide = await open(world.ann)
  const { composer } = annsSide
  await world.ann.contacts.block(world.bob.address)
  composer.input('lost?')
  const sending = composer.send()
  composer.input('more')
  await sending
  expect(composer.text).toBe('lost?\nmore')
  expect(world.failures.splice(0)).toMatchObject([{ code: 'conversation/blocked' }])
})
