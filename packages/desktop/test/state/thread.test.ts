import type { Client, Message } from '@dchat/sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keyOf } from '../../src/renderer/lib/message-rows.ts'
import { Acts } from '../../src/renderer/state/acts.svelte.ts'
import { Thread } from '../../src/renderer/state/thread.svelte.ts'
import { cutOff, type Pair, pair, until } from './people.ts'

let world: Pair
const over = new AbortController()
beforeAll(async () => {
  world = await pair()
})
afterAll(async () => {
  over.abort()
  await world[Symbol.asyncDispose]()
})

const openThread = async (client: Client, unread = 0) => {
  const { failed } = world
  const conversation = (client === world.ann ? world.annsChat : world.bobsChat).id
  const acts = new Acts(client, over.signal, failed)
  const thread = new Thread({ client, acts, conversation, unread, failed })
  await until(() => thread.loaded)
  return { thread, acts, [Symbol.dispose]: () => thread.close() }
}

const textOf = ({ content }: Message): string => ('text' in content ? content.text : content.type)
const texts = ({ messages }: Thread): readonly string[] => messages.map(textOf)
const last = ({ messages }: Thread): Message => messages[messages.length - 1] as Message

describe('what is written', () => {
  test('is there before anything was awaited, and stays one row on its whole way', async () => {
    using open = await openThread(world.ann)
    const { thread } = open
    const sending = thread.send({ type: 'text', text: 'at once' })
    const shown = last(thread)
    expect(shown).toMatchObject({ own: true, state: 'queued', content: { text: 'at once' } })
    expect(await sending).toBe(true)
    await until(() => last(thread).state === 'delivered')
    expect(keyOf(last(thread))).toBe(keyOf(shown))
    expect(last(thread).id).not.toBe(shown.id)
    expect(texts(thread).filter((text) => text === 'at once')).toHaveLength(1)
  })

  test('waits in its order while there is no connection, and goes out when there is one', async () => {
    using open = await openThread(world.ann)
    const { thread } = open
    await cutOff(world.relay, world.ann)
    await thread.send({ type: 'text', text: 'first' })
    await thread.send({ type: 'text', text: 'second' }, last(thread).id)
    expect(texts(thread).slice(-2)).toEqual(['first', 'second'])
    expect(thread.messages.slice(-2).every(({ position }) => position === undefined)).toBe(true)
    await world.relay.start()
    await until(() => last(thread).state === 'delivered')
    expect(texts(thread).slice(-2)).toEqual(['first', 'second'])
    expect(last(thread).content).toMatchObject({ replyTo: thread.messages.at(-2)?.id })
  })

  test('and was dropped before it left is gone', async () => {
    using open = await openThread(world.ann)
    const { thread, acts } = open
    await cutOff(world.relay, world.ann)
    await thread.send({ type: 'text', text: 'on its way' })
    await until(() => last(thread).state === 'sending')
    await thread.send({ type: 'text', text: 'never mind' })
    await acts.delete(last(thread).id)
    await until(() => texts(thread).at(-1) === 'on its way')
    // What was tried may have left already: it is shown as deleted, and is when it has.
    const deleting = acts.delete(last(thread).id)
    expect(last(thread).content.type).toBe('deleted')
    await world.relay.start()
    await deleting
    expect(last(thread)).toMatchObject({ content: { type: 'deleted' }, position: expect.any(Number) })
    await until(() => last(thread).state === 'delivered')
    expect(world.failures).toEqual([])
  })

  test('comes back to the writer if it could not even be kept', async () => {
    using open = await openThread(world.ann)
    const before = open.thread.messages.length
    expect(await open.thread.send({ type: 'text', text: '' })).toBe(false)
    expect(open.thread.messages).toHaveLength(before)
    expect(world.failures.splice(0)).toHaveLength(1)
  })
})

describe('what others write', () => {
  test('stands beneath a line as long as nobody looks, and is read when it was seen', async () => {
    using annsSide = await openThread(world.ann)
    using bobsSide = await openThread(world.bob)
    const { thread } = bobsSide
    await annsSide.thread.send({ type: 'text', text: 'unseen 1' })
    await annsSide.thread.send({ type: 'text', text: 'unseen 2' })
    await until(() => texts(thread).includes('unseen 2'))
    const line = thread.rows.findIndex(({ kind }) => kind === 'unread')
    expect(thread.rows[line + 1]).toMatchObject({ message: { content: { text: 'unseen 1' } } })
    expect(last(annsSide.thread).state).not.toBe('read')
    thread.see(last(thread))
    await until(() => last(annsSide.thread).state === 'read')
    expect((await world.bobsChat.record()).unread).toBe(0)
    // The line stays until something comes that nobody looks at; then it stands above that.
    expect(thread.rows.some(({ kind }) => kind === 'unread')).toBe(true)
    await annsSide.thread.send({ type: 'text', text: 'unseen 3' })
    await until(() => texts(thread).includes('unseen 3'))
    expect(thread.unreadFrom).toBe(last(thread).id)
  })

  test('has no line while somebody looks', async () => {
    using annsSide = await openThread(world.ann)
    using bobsSide = await openThread(world.bob)
    bobsSide.thread.looking = true
    await annsSide.thread.send({ type: 'text', text: 'seen' })
    await until(() => texts(bobsSide.thread).includes('seen'))
    expect(bobsSide.thread.unreadFrom).toBeUndefined()
  })

  test('is found above the line when the conversation is opened again', async () => {
    using annsSide = await openThread(world.ann)
    await world.bobsChat.record().then(({ id }) => world.bob.conversations.markRead(id))
    for (const text of ['new 1', 'new 2', 'new 3']) await annsSide.thread.send({ type: 'text', text })
    await annsSide.thread.send({ type: 'text', text: 'new 4' })
    await until(() => last(annsSide.thread).state === 'delivered')
    const { unread } = await world.bobsChat.record()
    using bobsSide = await openThread(world.bob, unread)
    expect(unread).toBe(4)
    expect(textOf(bobsSide.thread.get(bobsSide.thread.unreadFrom as Message['id']) as Message)).toBe('new 1')
  })
})

describe('what is done to messages', () => {
  test('is seen at once, also without a connection, and then by the others', async () => {
    using annsSide = await openThread(world.ann)
    using bobsSide = await openThread(world.bob)
    const { thread, acts } = annsSide
    await thread.send({ type: 'text', text: 'draft of a sentence' })
    await until(() => last(thread).state === 'delivered')
    const { id } = last(thread)
    await cutOff(world.relay, world.ann)
    const reacting = acts.toggle(last(thread), '👍')
    const editing = acts.edit(id, { type: 'text', text: 'a sentence' })
    expect(last(thread)).toMatchObject({
      content: { text: 'a sentence' },
      reactions: [{ emoji: '👍', from: [world.ann.address] }],
    })
    expect(acts.isWaiting(id)).toBe(true)
    await world.relay.start()
    await Promise.all([reacting, editing])
    expect(acts.isWaiting(id)).toBe(false)
    expect(last(thread)).toMatchObject({
      content: { text: 'a sentence' },
      editions: [{}],
      reactions: [{ emoji: '👍' }],
    })
    await until(() => textOf(bobsSide.thread.get(id) as Message) === 'a sentence')
    await acts.toggle(last(thread), '👍')
    expect(last(thread).reactions ?? []).toEqual([])
    await acts.delete(id)
    await until(() => bobsSide.thread.get(id)?.content.type === 'deleted')
  })

  test('is taken back and told where the rules forbid it', async () => {
    using annsSide = await openThread(world.ann)
    using bobsSide = await openThread(world.bob)
    await bobsSide.thread.send({ type: 'text', text: 'mine' })
    await until(() => texts(annsSide.thread).includes('mine'))
    const message = last(annsSide.thread)
    await annsSide.acts.edit(message.id, { type: 'text', text: 'yours' })
    expect(last(annsSide.thread)).toEqual(message)
    expect(world.failures.splice(0)).toMatchObject([{ code: 'message/not-permitted' }])
  })
})

describe('a long conversation', () => {
  beforeAll(async () => {
    for (let i = 0; i < 130; i++) await world.annsChat.send(`line ${i}`)
    const { items } = await world.ann.messages.list(world.annsChat.id, { limit: 1 })
    await world.ann.messages.waitFor((items[0] as Message).id, 'delivered')
  })

  test('is read upwards page by page, each message once and in order', async () => {
    using open = await openThread(world.ann)
    const { thread } = open
    expect(thread.messages).toHaveLength(50)
    while (thread.hasOlder) await thread.loadOlder()
    const lines = texts(thread).filter((text) => text.startsWith('line '))
    expect(lines).toEqual(Array.from({ length: 130 }, (_, i) => `line ${i}`))
    expect(texts(thread)).toContain('hello')
    expect(new Set(thread.messages.map(({ id }) => id)).size).toBe(thread.messages.length)
  })

  test('jumps to an old message, follows what happens there, and comes back to the newest', async () => {
    using annsSide = await openThread(world.ann)
    while (annsSide.thread.hasOlder) await annsSide.thread.loadOlder()
    const target = annsSide.thread.messages.find((message) => textOf(message) === 'line 10') as Message
    using bobsSide = await openThread(world.bob)
    const { thread } = bobsSide
    expect(thread.get(target.id)).toBeUndefined()
    expect(await thread.jumpTo(target.id)).toBe(true)
    expect(thread.get(target.id)).toBeDefined()
    expect(thread.hasNewer).toBe(true)
    expect(texts(thread)).not.toContain('line 129')

    await annsSide.thread.send({ type: 'text', text: 'meanwhile' })
    await annsSide.acts.toggle(target, '🎯')
    await until(() => thread.get(target.id)?.reactions?.[0]?.emoji === '🎯')
    expect(texts(thread)).not.toContain('meanwhile')

    await thread.loadNewer()
    expect(texts(thread)).toContain('line 80')
    while (thread.hasNewer) await thread.loadNewer()
    expect(texts(thread).slice(-2)).toEqual(['line 129', 'meanwhile'])
    await thread.refresh()
    expect(texts(thread).slice(-2)).toEqual(['line 129', 'meanwhile'])
  })

  test('shows what is written while it is looked at far above', async () => {
    using annsSide = await openThread(world.ann)
    const { thread } = annsSide
    while (thread.hasOlder) await thread.loadOlder()
    const { id } = thread.messages.find((message) => textOf(message) === 'hello') as Message
    using again = await openThread(world.ann)
    await again.thread.jumpTo(id)
    expect(again.thread.hasNewer).toBe(true)
    await again.thread.send({ type: 'text', text: 'from above' })
    expect(again.thread.hasNewer).toBe(false)
    expect(texts(again.thread).slice(-2)).toEqual(['meanwhile', 'from above'])
  })

  test('does not jump to what is not there', async () => {
    using open = await openThread(world.ann)
    expect(await open.thread.jumpTo('0'.repeat(64) as Message['id'])).toBe(false)
    expect(open.thread.messages).toHaveLength(50)
  })
})
