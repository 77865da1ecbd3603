import { describe, expect, test } from 'vitest'
import { messageText } from '../src/io/message-lines.ts'
import { style } from '../src/io/text.ts'
import type { EventView, MessageView } from '../src/methods/types.ts'
import type { Someone } from './support/people.ts'
import { all, people } from './support/people.ts'

const { friends, addressOf } = people()

const newest = async ({ guest }: Someone, chat: string): Promise<MessageView> => {
  const [message] = await all(guest.stream('read', { chat, limit: 1 }))
  if (message === undefined) throw new Error('nothing was said')
  return message
}

describe('what is done to a message, in process and attached', () => {
  test('reactions, edits, replies and a deletion reach the other side', async () => {
    const { alice, bob } = await friends('alice', 'bob')
    const { id } = await alice.guest.call('send', { chat: 'bob', text: 'helo' })
    await newest(bob, 'alice')
    const listening = alice.guest.stream('listen.events', { chat: 'bob' })[Symbol.asyncIterator]()
    const heard = listening.next()

    await bob.guest.call('react', { message: id, emoji: '\u{1f44d}' })
    const change = (await heard).value as Extract<EventView, { type: 'change' }>
    expect(change).toMatchObject({ type: 'change', changed: ['reactions'], message: { id } })
    expect(change.message.reactions).toEqual([{ emoji: '\u{1f44d}', from: [await addressOf(bob)] }])
    await bob.guest.call('react', { message: id, emoji: '\u{1f44d}', off: true })
    expect((await listening.next()).value).toMatchObject({ changed: ['reactions'] })
    expect(await bob.guest.call('react', { message: id, emoji: '\u{1f44d}', off: true })).toEqual({ message: id })

    await alice.guest.call('edit', { message: id, text: 'hello' })
    expect((await listening.next()).value).toMatchObject({ changed: ['text'], message: { text: 'hello' } })
    await listening.return?.()
    expect(await newest(bob, 'alice')).toMatchObject({
      id,
      text: 'hello',
      editions: [{ text: 'helo', format: 'text' }],
    })

    await bob.guest.call('send', { chat: 'alice', text: 'indeed', replyTo: id })
    const answer = await newest(alice, 'bob')
    expect(answer).toMatchObject({ replyTo: id, quote: { own: true, text: 'hello' } })

    await alice.guest.call('delete', { message: id })
    const [deleted] = await all(bob.guest.stream('read', { chat: 'alice' }))
    expect(deleted).toMatchObject({ id, format: 'deleted', text: 'alice deleted this message' })
    expect(JSON.stringify(deleted)).not.toContain('hello')
  })

  test('a button is pressed by its number or callback', async () => {
    const { alice, bob } = await friends('alice', 'bob')
    const keyboard = [
      [
        { text: 'Pizza', callback: 'v:1' },
        { text: 'Soup', callback: '1' },
      ],
      [{ text: 'Menu', url: 'https://example.org/' }],
    ]
    const { id } = await alice.guest.call('send', { chat: 'bob', text: 'Where?', keyboard })
    const seen = await newest(bob, 'alice')
    expect(seen.keyboard).toEqual(keyboard)
    expect(messageText(seen, style(false))).toContain('\n    [1] Pizza  [2] Soup\n    [3] Menu: https://example.org/')
    const press = (button: string) => bob.guest.call('press', { message: id, button, wait: 'sent' })
    expect(await press('2')).toMatchObject({ message: id, callback: '1' })
    // A callback goes before a number.
    expect(await press('1')).toMatchObject({ callback: '1' })
    for (const button of ['3', '4', 'v:9'])
      await expect(press(button)).rejects.toMatchObject({ code: 'message/not-permitted' })
  })

  test("another's words are not ours to change; an unknown message is told", async () => {
    const { alice, bob } = await friends('alice', 'bob')
    const { id } = await alice.guest.call('send', { chat: 'bob', text: 'mine' })
    await newest(bob, 'alice')
    const refused = { code: 'message/not-permitted' }
    await expect(bob.guest.call('edit', { message: id, text: 'yours' })).rejects.toMatchObject(refused)
    await expect(bob.guest.call('delete', { message: id })).rejects.toMatchObject(refused)
    const unknown = { code: 'message/unknown' }
    await expect(bob.guest.call('react', { message: 'f'.repeat(64), emoji: 'x' })).rejects.toMatchObject(unknown)
  })

  test('pins are for everybody, and are listed; a copy does not tell who wrote it', async () => {
    const { alice, bob } = await friends('alice', 'bob')
    const { chat } = await alice.guest.call('group.create', { name: 'Trip', people: ['bob'] })
    await bob.guest.call('group.accept', { group: 'Trip' })
    const { id } = await alice.guest.call('send', { chat: 'Trip', text: 'the plan' })
    await alice.guest.call('send', { chat: 'Trip', text: 'and more' })
    await alice.guest.call('pin', { message: id })
    await newest(bob, chat)
    const pinned = () => all(bob.guest.stream('read', { chat, pinned: true }))
    expect(await pinned()).toMatchObject([{ id, pinned: true, text: 'the plan' }])
    await expect(bob.guest.call('pin', { message: id, off: true })).rejects.toMatchObject({
      code: 'conversation/not-permitted',
    })

    const copy = await bob.guest.call('forward', { message: id, to: 'alice', clientId: 'f1' })
    expect(await bob.guest.call('forward', { message: id, to: 'alice', clientId: 'f1' })).toMatchObject({ id: copy.id })
    expect(await newest(alice, 'bob')).toMatchObject({ id: copy.id, text: 'the plan', forwarded: true })

    await alice.guest.call('pin', { message: id, off: true })
    expect(await pinned()).toEqual([])
  })

  test('a timer gives messages an end, in a direct message too', async () => {
    const { alice, bob } = await friends('alice', 'bob')
    await alice.guest.call('send', { chat: 'bob', text: 'stays' })
    await alice.guest.call('group.timer', { group: 'bob', seconds: 86_400 })
    const sent = await alice.guest.call('send', { chat: 'bob', text: 'goes' })
    const read = await newest(bob, 'alice')
    expect(read.id).toBe(sent.id)
    expect(read.expiresAt).toBe(read.at + 86_400_000)
    expect(await all(bob.guest.stream('chats.list', {}))).toMatchObject([{ timer: 86_400 }])
  })
})
