import type { Message } from '@dchat/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Acts } from '../../src/renderer/state/acts.svelte.ts'
import { cutOff, type Pair, pair, until } from './people.ts'

let world: Pair
beforeAll(async () => {
  world = await pair()
})
afterAll(() => world[Symbol.asyncDispose]())

test('what was done without a connection is seen by a window that opens later, until it stands', async () => {
  const { ann, annsChat, failed, relay, bob } = world
  const message = (await ann.messages.list(annsChat.id)).items[0] as Message
  await cutOff(relay, ann, bob)
  await ann.messages.react(message.id, '👍')
  await ann.messages.edit(message.id, 'hello, Bob')

  const over = new AbortController()
  const acts = new Acts(ann, over.signal, failed)
  expect(acts.over([message])).toEqual([message])
  const recalling = acts.recall(annsChat.id)
  await until(() => acts.isWaiting(message.id))
  expect(acts.over([message])).toMatchObject([
    { content: { type: 'text', text: 'hello, Bob' }, reactions: [{ emoji: '👍', from: [ann.address] }] },
  ])
  await relay.start()
  // It ends when the last of it stands.
  await recalling
  expect(acts.isWaiting(message.id)).toBe(false)
  expect(await ann.messages.get(message.id)).toMatchObject({
    content: { type: 'text', text: 'hello, Bob' },
    reactions: [{ emoji: '👍' }],
  })
  over.abort()
  expect(world.failures).toEqual([])
})
