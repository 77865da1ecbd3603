import { describe, expect, test } from 'vitest'
import type { MessageView } from '../src/methods/types.ts'
import { all, people } from './support/people.ts'

const { person, linkOf } = people()

describe('the methods, in process and attached', () => {
  test('a message travels, is read, listed, listened to and acknowledged', async () => {
    const alice = await person('alice')
    const bob = await person('bob')
    // Bob is known to the relay once he was there.
    await all(bob.owner.stream('read', { chat: await linkOf(alice) }))

    const added = await alice.guest.call('contacts.add', { peer: await linkOf(bob), name: 'bob' })
    expect(added).toMatchObject({ checked: true, contact: { name: 'bob' } })
    const sent = await alice.guest.call('send', { chat: 'bob', text: 'hello', clientId: '1' })
    expect(sent).toMatchObject({
      own: true,
      state: expect.stringMatching(/sent|delivered/),
      clientId: '1',
      text: 'hello',
    })
    const again = await alice.owner.call('send', { chat: 'bob', text: 'hello', clientId: '1' })
    expect(again.id).toBe(sent.id)

    const { address } = await alice.owner.call('whoami', {})
    const [read] = await all(bob.guest.stream('read', { chat: address }))
    expect(read).toMatchObject({ id: sent.id, own: false, from: address, text: 'hello', format: 'text' })

    const listening = bob.guest.stream('listen', {})[Symbol.asyncIterator]()
    const heard = (await listening.next()).value as MessageView
    expect(heard.id).toBe(sent.id)
    await bob.owner.call('listen.ack', { cursor: heard.cursor as string })
    const second = await alice.owner.call('send', {
      chat: 'bob',
      text: '**two**',
      format: 'markdown',
      replyTo: sent.id,
    })
    expect((await listening.next()).value).toMatchObject({ id: second.id, format: 'markdown', replyTo: sent.id })
    await listening.return?.()

    expect(await all(bob.guest.stream('read', { chat: address, since: heard.cursor as string }))).toHaveLength(1)
    expect(await all(bob.guest.stream('read', { chat: address, limit: 1, offline: true }))).toMatchObject([
      { id: second.id },
    ])
    await bob.guest.call('read.mark', { chat: address, upTo: second.id })
    expect(await all(bob.guest.stream('chats.list', {}))).toMatchObject([
      { peer: address, unread: 0, last: { id: second.id } },
    ])
    expect(await all(alice.guest.stream('contacts.list', {}))).toMatchObject([{ name: 'bob' }])
  })

  test('many sends at once arrive in the order in which they were asked', async () => {
    const alice = await person('alice')
    const bob = await person('bob')
    await all(bob.owner.stream('read', { chat: await linkOf(alice) }))
    const link = await linkOf(bob)
    const texts = Array.from({ length: 60 }, (_, n) => `line ${n}`)
    const results = await Promise.all(
      texts.map((text) => alice.guest.call('send', { chat: link, text, clientId: text })),
    )
    expect(results.map(({ text }) => text)).toEqual(texts)
    const { address } = await alice.owner.call('whoami', {})
    const read = await all(bob.guest.stream('read', { chat: address, limit: 1000 }))
    expect(read.map(({ text }) => text)).toEqual(texts)
  })

  test('delivered means that the other device said so', async () => {
    const alice = await person('alice')
    const bob = await person('bob')
    const listening = bob.owner.stream('listen', {})[Symbol.asyncIterator]()
    const heard = listening.next()
    await all(bob.owner.stream('read', { chat: await linkOf(alice) }))
    const sent = await alice.guest.call('send', { chat: await linkOf(bob), text: 'hi', wait: 'delivered' })
    expect(sent.state).toMatch(/delivered|read/)
    expect((await heard).value).toMatchObject({ id: sent.id })
    await listening.return?.()
  })

  test('what is not confirmed in time says so, and the message stays', async () => {
    const alice = await person('alice')
    const bob = await person('bob')
    await all(bob.owner.stream('read', { chat: await linkOf(alice) }))
    const link = await linkOf(bob)
    await bob.owner.close()
    const late = alice.guest.call('send', { chat: link, text: 'x', wait: 'delivered', timeout: 300 })
    await expect(late).rejects.toMatchObject({ code: 'transport/unconfirmed' })
    expect(await all(alice.guest.stream('read', { chat: link }))).toMatchObject([{ text: 'x', state: 'sent' }])
  })

  test('without a relay a send says so in time, and keeps the message', async () => {
    const bob = await person('bob')
    const link = await linkOf(bob)
    const alice = await person('alice', 'ws://127.0.0.1:1')
    const lost = alice.guest.call('send', { chat: link, text: 'x', patience: 200 })
    await expect(lost).rejects.toMatchObject({ code: 'transport/unreachable', hint: expect.stringContaining('safe') })
    const kept = await all(alice.guest.stream('read', { chat: link, offline: true }))
    expect(kept).toMatchObject([{ text: 'x', state: 'queued' }])
    await expect(all(alice.guest.stream('read', { chat: link, patience: 100 }))).rejects.toMatchObject({
      code: 'transport/unreachable',
    })
  })

  test('whoever is not known is named', async () => {
    const alice = await person('alice')
    await expect(alice.guest.call('send', { chat: 'zoe', text: 'x' })).rejects.toMatchObject({
      code: 'identity/unknown-peer',
    })
    await expect(all(alice.guest.stream('read', { chat: 'zoe', offline: true }))).rejects.toMatchObject({
      code: 'identity/unknown-peer',
    })
    await expect(alice.guest.call('send', { chat: 'dchat1nonsense', text: 'x' })).rejects.toMatchObject({
      code: 'identity/bad-address',
    })
  })

  test('parameters are checked by name', async () => {
    const alice = await person('alice')
    const wrong = { chat: 7, text: 'x' } as unknown as { chat: string; text: string }
    await expect(alice.guest.call('send', wrong)).rejects.toMatchObject({
      code: 'usage/invalid-argument',
      details: { name: 'chat' },
    })
  })
})
