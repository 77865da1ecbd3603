import { describe, expect, test } from 'vitest'
import type { GroupView } from '../src/methods/group-types.ts'
import type { EventView } from '../src/methods/types.ts'
import type { Someone } from './support/people.ts'
import { all, people } from './support/people.ts'

const { friends, addressOf } = people()

const rolesOf = ({ members }: GroupView): Record<string, string> =>
  Object.fromEntries(members.map(({ own, name, role }) => [own ? 'me' : (name ?? '?'), role]))

/** What a person reads of a group, in its order. */
const textsOf = async ({ guest }: Someone, chat: string): Promise<string[]> =>
  (await all(guest.stream('read', { chat, limit: 1000 })))
    .filter(({ format }) => format !== 'notice')
    .map(({ text }) => text)

describe('groups, in process and attached', () => {
  test('made, entered, turned down, written to, changed and left', async () => {
    const { alice, bob, carol } = await friends('alice', 'bob', 'carol')
    const made = await alice.guest.call('group.create', { name: 'Trip', people: ['bob', 'carol'] })
    expect(made).toMatchObject({ people: [await addressOf(bob), await addressOf(carol)], missing: [] })
    const { chat } = made

    expect(await all(bob.guest.stream('group.invitations', {}))).toMatchObject([
      { chat, from: await addressOf(alice), name: 'alice', title: 'Trip' },
    ])
    expect(await all(bob.guest.stream('chats.list', {}))).toMatchObject([{ id: chat, kind: 'group', state: 'invited' }])
    expect(await bob.guest.call('group.accept', { group: 'trip' })).toMatchObject({ id: chat, title: 'Trip' })
    await carol.guest.call('group.decline', { group: chat.slice(0, 8) })
    // Asked again, as after an answer that got lost.
    expect(await bob.guest.call('group.accept', { group: chat })).toMatchObject({ id: chat, state: 'open' })
    expect(await carol.guest.call('group.decline', { group: chat })).toEqual({ chat })

    await alice.guest.call('send', { chat: 'Trip', text: 'from alice' })
    const first = await bob.guest.call('send', { chat: 'Trip', text: 'from bob' })
    expect(first).toMatchObject({ chat, group: 'Trip', own: true })
    expect(await textsOf(alice, chat)).toEqual(['from alice', 'from bob'])

    await alice.guest.call('group.role', { group: 'Trip', person: 'bob', role: 'admin' })
    await all(bob.guest.stream('read', { chat }))
    await bob.guest.call('group.rename', { group: 'Trip', name: 'Sea trip' })
    const seen = await alice.guest.call('group.info', { group: chat })
    expect(seen).toMatchObject({ name: 'Sea trip', role: 'owner', timer: 0 })
    expect(rolesOf(seen)).toEqual({ me: 'owner', bob: 'admin' })

    const notices = (await all(bob.guest.stream('read', { chat }))).filter(({ format }) => format === 'notice')
    expect(notices.map(({ text }) => text).slice(-2)).toEqual([
      'alice made you an admin',
      'you named the group "Sea trip"',
    ])
    expect(notices.at(-1)?.notice).toMatchObject({ kind: 'renamed', name: 'Sea trip', by: await addressOf(bob) })

    await expect(bob.guest.call('group.lift', { group: 'Sea trip' })).resolves.toEqual({ chat })
    await bob.guest.call('group.leave', { group: 'Sea trip' })
    await all(alice.guest.stream('read', { chat }))
    expect(rolesOf(await alice.guest.call('group.info', { group: chat }))).toEqual({ me: 'owner' })
  })

  test('what the role does not allow is refused, and what is no group is told', async () => {
    const { alice, bob, carol } = await friends('alice', 'bob', 'carol')
    const { chat } = await alice.guest.call('group.create', { name: 'Trip', people: ['bob', 'carol'] })
    for (const { guest } of [bob, carol]) await guest.call('group.accept', { group: 'Trip' })
    const refused = { code: 'conversation/not-permitted' }
    await expect(bob.guest.call('group.rename', { group: chat, name: 'Mine' })).rejects.toMatchObject(refused)
    await expect(bob.guest.call('group.remove', { group: chat, people: ['carol'] })).rejects.toMatchObject(refused)
    const unknown = { code: 'conversation/unknown' }
    await expect(bob.guest.call('group.info', { group: 'Trap' })).rejects.toMatchObject(unknown)
    await expect(bob.guest.call('group.rename', { group: 'Trap', name: 'x' })).rejects.toMatchObject(unknown)
    await expect(alice.guest.call('group.add', { group: chat, people: ['zoe'] })).rejects.toMatchObject({
      code: 'identity/unknown-peer',
    })
  })

  test('two groups of one name are told apart by id, and a contact counts before a group', async () => {
    const { alice, bob } = await friends('alice', 'bob', 'carol')
    const first = await alice.guest.call('group.create', { name: 'bob' })
    const second = await alice.guest.call('group.create', { name: 'Bob ' })
    await expect(alice.guest.call('group.info', { group: 'BOB' })).rejects.toMatchObject({
      code: 'usage/invalid-argument',
      hint: expect.stringContaining(second.chat),
    })
    expect(await alice.guest.call('group.info', { group: first.chat.slice(0, 6) })).toMatchObject({ id: first.chat })
    const sent = await alice.guest.call('send', { chat: 'bob', text: 'for you alone' })
    expect(sent.chat).not.toBe(first.chat)
    expect(await textsOf(bob, await addressOf(alice))).toEqual(['for you alone'])
  })

  test('an open invitation is told to whoever listens, before and while', async () => {
    const { alice, bob } = await friends('alice', 'bob', 'carol')
    await alice.guest.call('group.create', { name: 'Before', people: ['bob'] })
    await all(bob.owner.stream('group.invitations', {}))
    const listening = bob.guest.stream('listen.events', {})[Symbol.asyncIterator]()
    const next = async (): Promise<EventView> => (await listening.next()).value
    expect(await next()).toMatchObject({ type: 'invitation', invitation: { title: 'Before', name: 'alice' } })
    await alice.guest.call('group.create', { name: 'While', people: ['bob'] })
    expect(await next()).toMatchObject({ type: 'invitation', invitation: { title: 'While' } })
    await listening.return?.()
  })
})
