import { describe, expect, test } from 'vitest'
import type { EventView } from '../src/methods/types.ts'
import { all, met, people } from './support/people.ts'

const { person, careful, linkOf, addressOf } = people()

const SOON = { timeout: 90_000 }
const PNG = { mediaType: 'image/png', data: Buffer.alloc(300, 7).toString('base64') }

describe('people, in process and attached', () => {
  test('a stranger asks, is allowed, is blocked, is unblocked', async () => {
    const [alice, bob] = [await person('alice'), await careful('bob')]
    await met(alice, bob)
    const [address, link] = [await addressOf(alice), await linkOf(bob)]
    await alice.owner.call('profile.set', { name: 'Alice', about: 'Bicycles', picture: PNG })
    const told: EventView[] = []
    const over = new AbortController()
    const listening = (async () => {
      for await (const event of bob.guest.stream('listen.events', {}, { signal: over.signal })) told.push(event)
    })().catch(() => undefined)
    await alice.guest.call('send', { chat: link, text: 'hello', wait: 'sent' })
    await expect.poll(() => told, SOON).toHaveLength(1)
    const [request] = await all(bob.guest.stream('contacts.requests', {}))
    expect(request).toMatchObject({ kind: 'dm', from: address, name: 'Alice', about: 'Bicycles' })
    expect(told).toEqual([{ type: 'request', request }])
    over.abort()
    await listening
    expect(await all(bob.owner.stream('chats.list', {}))).toMatchObject([
      { state: 'request', title: 'Alice', unread: 0 },
    ])
    expect(await all(bob.owner.stream('read', { chat: address }))).toEqual([])

    await expect(bob.guest.call('contacts.allow', { person: 'nobody' })).rejects.toMatchObject({
      code: 'identity/unknown-peer',
    })
    expect(await bob.guest.call('contacts.allow', { person: 'alice' })).toEqual({
      address,
      consent: 'allowed',
      checked: true,
    })
    const texts = async () => (await all(bob.owner.stream('read', { chat: address }))).map(({ text }) => text)
    await expect.poll(texts, SOON).toEqual(['hello'])
    expect(await all(bob.owner.stream('contacts.requests', { offline: true }))).toEqual([])

    expect(await bob.owner.call('contacts.block', { person: address })).toEqual({ address, consent: 'blocked' })
    await alice.guest.call('send', { chat: link, text: 'into silence', wait: 'sent' })
    expect(await texts()).toEqual(['hello'])
    await expect(bob.guest.call('send', { chat: address, text: 'no' })).rejects.toMatchObject({
      code: 'conversation/blocked',
    })
    expect(await bob.guest.call('contacts.unblock', { person: address })).toEqual({ address, consent: 'unknown' })
    await bob.guest.call('send', { chat: address, text: 'yes', wait: 'delivered' })
    expect(await texts()).toEqual(['hello', 'yes'])
  })

  test('nicknames and safety numbers', async () => {
    const [alice, bob] = [await person('alice'), await person('bob')]
    await met(alice, bob)
    const address = await addressOf(bob)
    await alice.owner.call('contacts.add', { peer: await linkOf(bob), name: 'bob' })
    expect(await alice.guest.call('contacts.rename', { person: 'bob', name: 'Robert' })).toMatchObject({
      name: 'Robert',
    })
    const shown = await alice.guest.call('contacts.show', { person: 'robert' })
    expect(shown).toMatchObject({
      address,
      title: 'Robert',
      nickname: 'Robert',
      isContact: true,
      consent: 'allowed',
      verification: 'unverified',
    })
    await bob.owner.call('contacts.add', { peer: await linkOf(alice), name: 'alice' })
    const theirs = await bob.guest.call('contacts.verify', { person: 'alice' })
    expect(theirs).toMatchObject({ digits: shown.safetyNumber, verification: 'unverified' })
    const wrong = { person: 'Robert', compared: '1'.repeat(60) }
    await expect(alice.guest.call('contacts.verify', wrong)).rejects.toMatchObject({ code: 'identity/not-the-same' })
    const done = await alice.guest.call('contacts.verify', { person: 'Robert', compared: theirs.qr })
    expect(done.verification).toBe('verified')
    expect(await alice.guest.call('contacts.verify', { person: 'Robert', off: true })).toMatchObject({
      verification: 'unverified',
    })
    expect(await alice.guest.call('contacts.rename', { person: 'Robert' })).not.toHaveProperty('name')
    await alice.guest.call('contacts.remove', { person: address })
    expect(await all(alice.owner.stream('contacts.list', {}))).toEqual([])
  })

  test('the own profile, by parts', async () => {
    const alice = await person('alice')
    const address = await addressOf(alice)
    expect(await alice.guest.call('profile.show', {})).toEqual({ address, version: 0 })
    const set = await alice.guest.call('profile.set', { name: 'Alice', picture: PNG })
    expect(set).toMatchObject({ address, name: 'Alice', picture: PNG })
    const next = await alice.owner.call('profile.set', { about: 'here', picture: null })
    expect(next).toMatchObject({ name: 'Alice', about: 'here' })
    expect(next).not.toHaveProperty('picture')
    await expect(alice.guest.call('profile.set', { name: 'two\nlines' })).rejects.toMatchObject({
      code: 'usage/invalid-argument',
    })
  })
})
