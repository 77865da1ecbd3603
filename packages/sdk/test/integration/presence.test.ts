import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { host } from '#host'
import type { Chat, Client, PresenceEvent } from '../../src/index.ts'
import type { RelayLink, Transport } from '../../src/ports/transport.ts'
import { member as groupMember, stage as openStage } from './group-support.ts'
import type { TestRelay } from './host/host.ts'
import { becomes, type Member, member } from './life-support.ts'
import { type Heard, listenTo } from './listen-support.ts'
import { testRelay } from './support.ts'

const SENT = { wait: 'sent', timeout: 90_000 } as const
let relay: TestRelay
const open: Client[] = []

beforeEach(async () => {
  relay = await testRelay()
})

afterEach(async () => {
  await Promise.all(open.splice(0).map((client) => client.close()))
  await relay.close()
})

const join = async (): Promise<Member> => {
  const one = await member(relay)
  open.push(one.client)
  await one.client.connect()
  return one
}

const listen = ({ presence }: Client): Heard<PresenceEvent> => listenTo((options) => presence.stream(options))

const is =
  (type: PresenceEvent['type'], from: Client) =>
  (event: PresenceEvent): boolean =>
    event.type === type && event.from === from.address

const typed = (items: readonly PresenceEvent[]) => items.filter(({ type }) => type === 'typing')

/** Two people who have written to each other. */
const pair = async (): Promise<{ alice: Member; bob: Member; chat: Chat; back: Chat }> => {
  const [alice, bob] = [await join(), await join()]
  const chat = await alice.client.conversations.dm(bob.client.address)
  const first = await chat.send('first', SENT)
  await becomes(bob.client, first.id, () => true)
  const back = await bob.client.conversations.dm(alice.client.address)
  const answer = await back.send('second', SENT)
  await becomes(alice.client, answer.id, () => true)
  return { alice, bob, chat, back }
}

/** Both hear each other: whoever is online to both has its ears open. */
const together = async (alice: Member, bob: Member) => {
  const heard = [listen(alice.client), listen(bob.client)] as const
  await Promise.all([heard[0].until(is('online', bob.client)), heard[1].until(is('online', alice.client))])
  return heard
}

describe('typing', () => {
  test('is shown for 5 s, told at most once in 3 s, and over at once with "stopped" or a message', async () => {
    const { alice, bob, back } = await pair()
    const [heard] = await together(alice, bob)
    await bob.client.presence.typing(back.id)
    await bob.client.presence.typing(back.id)
    const event = await heard.until(is('typing', bob.client))
    expect(event).toMatchObject({ conversation: back.id, until: expect.closeTo(alice.clock.now() + 5_000, -4) })
    bob.clock.advance(3_000)
    await bob.client.presence.typing(back.id)
    await heard.until((each) => each !== event && is('typing', bob.client)(each))
    expect(typed(heard.items)).toHaveLength(2)

    alice.clock.advance(5_000)
    await heard.until(is('stopped', bob.client))

    let from = heard.items.length
    bob.clock.advance(3_000)
    await bob.client.presence.typing(back.id)
    await heard.until(is('typing', bob.client), from)
    await bob.client.presence.stopped(back.id)
    await heard.until(is('stopped', bob.client), from)

    from = heard.items.length
    await bob.client.presence.typing(back.id)
    await heard.until(is('typing', bob.client), from)
    await back.send('there', SENT)
    await heard.until(is('stopped', bob.client), from)
  })

  test('is neither told nor seen where it is turned off', async () => {
    const { alice, bob, chat, back } = await pair()
    const [aliceHears, bobHears] = await together(alice, bob)
    await alice.client.settings.set({ typing: false })
    // Bob's ears are open: what he does not hear was not told.
    await alice.client.presence.typing(chat.id)
    await bob.client.presence.typing(back.id)
    await bobHears.stop()
    await bob.client.close()
    await aliceHears.until(is('offline', bob.client))
    expect(typed(aliceHears.items)).toEqual([])
    expect(typed(bobHears.items)).toEqual([])
  })

  test('in an unknown conversation is an error', async () => {
    const { client } = await join()
    const nowhere = 'there is none' as Chat['id']
    await expect(client.presence.typing(nowhere)).rejects.toMatchObject({ code: 'conversation/unknown' })
  })
})

describe('being online', () => {
  test('is seen by both, ends with a goodbye, and last seen outlives a restart', async () => {
    const { alice, bob } = await pair()
    expect(await alice.client.presence.of(bob.client.address)).toEqual({ online: false })
    const [heard] = await together(alice, bob)
    expect(await alice.client.presence.of(bob.client.address)).toMatchObject({ online: true })
    await bob.client.close()
    const { lastSeen } = (await heard.until(is('offline', bob.client))) as { lastSeen: number }
    expect(await alice.client.presence.of(bob.client.address)).toEqual({ online: false, lastSeen })
    await heard.stop()
    await alice.client.close()
    const later = await alice.again()
    open.push(later)
    expect(await later.presence.of(bob.client.address)).toEqual({ online: false, lastSeen })
  })

  test('lapses where nothing is heard any more', async () => {
    const { alice, bob } = await pair()
    const [heard] = await together(alice, bob)
    alice.clock.advance(150_000)
    await heard.until(is('offline', bob.client))
  })

  test('who turns it off is gone for others at once and sees nobody; turned on again, all is as before', async () => {
    const { alice, bob } = await pair()
    const [aliceHears, bobHears] = await together(alice, bob)
    await alice.client.settings.set({ presence: false })
    await Promise.all([bobHears.until(is('offline', alice.client)), aliceHears.until(is('offline', bob.client))])
    expect(await alice.client.presence.of(bob.client.address)).toEqual({ online: false })
    const seen = { alice: aliceHears.items.length, bob: bobHears.items.length }
    await alice.client.settings.set({ presence: true })
    await aliceHears.until(is('online', bob.client), seen.alice)
    await bobHears.until(is('online', alice.client), seen.bob)
  })

  test('is not told to, nor seen of, whoever is blocked; nor is typing', async () => {
    const { alice, bob, chat, back } = await pair()
    const [aliceHears, bobHears] = await together(alice, bob)
    await alice.client.contacts.block(bob.client.address)
    await aliceHears.until(is('offline', bob.client))
    const seen = { alice: aliceHears.items.length, bob: bobHears.items.length }
    await alice.client.presence.typing(chat.id)
    await bob.client.presence.typing(back.id)
    await alice.client.close()
    bob.clock.advance(150_000)
    await bobHears.until(is('offline', alice.client), seen.bob)
    expect(typed(bobHears.items)).toEqual([])
    expect(aliceHears.items.slice(seen.alice)).toEqual([])
  })
})

test('a relay that was away is listened to again when it is back', async () => {
  await using away = await host.rewindableRelay()
  const [alice, bob] = [await member(away), await member(away)]
  open.push(alice.client, bob.client)
  await Promise.all([alice.client.connect(), bob.client.connect()])
  const chat = await alice.client.conversations.dm(bob.client.address)
  const first = await chat.send('first', SENT)
  await becomes(bob.client, first.id, () => true)
  const heard = listen(bob.client)
  await typesUntil(alice.client, chat, () => typed(heard.items).length > 0)
  await away.stop()
  await alice.client.presence.stopped(chat.id)
  await away.start()
  await Promise.all([alice.client.sync(), bob.client.sync()])
  const before = heard.items.length
  await typesUntil(alice.client, chat, () => typed(heard.items.slice(before)).length > 0)
})

describe('in groups', () => {
  const stage = openStage()

  test('who was removed hears nothing more', async () => {
    const people = await stage.people(3)
    const [owner, second, third] = people.map(({ client }) => client) as [Client, Client, Client]
    const chat = await owner.groups.create({ name: 'Walks', people: [second.address, third.address] })
    for (const client of [second, third]) {
      for await (const { state } of client.conversations.stream({ signal: AbortSignal.timeout(120_000) }))
        if (state === 'invited') break
      await client.groups.accept(chat.id)
    }
    const beside = await second.conversations.dm(third.address)
    await beside.send('beside', SENT)
    const heard = [listen(owner), listen(third)] as const
    await typesUntil(second, chat, () => heard.every(({ items }) => typed(items).length > 0))
    await owner.groups.remove(chat.id, [third.address])
    await becomesClosed(third, chat)
    const before = heard.map(({ items }) => items.length)
    await typesUntil(second, chat, () => typed(heard[0].items.slice(before[0])).length > 0)
    await typesUntil(second, beside, () => typed(heard[1].items.slice(before[1])).length > 0)
    const seen = typed(heard[1].items.slice(before[1]))
    expect(seen.filter((event) => !('conversation' in event) || event.conversation !== beside.id)).toEqual([])
  })

  test('a relay that repeats signals shows nothing twice', async () => {
    const bodies: Uint8Array[] = []
    const transport = (real: Transport): Transport => ({ link: (url) => repeating(real.link(url), bodies) })
    const alice = await stage.take(groupMember({ url: stage.relay.url, transport }))
    const bob = await stage.take(groupMember({ url: stage.relay.url }))
    await Promise.all([alice.client.connect(), bob.client.connect()])
    const chat = await bob.client.conversations.dm(alice.client.address)
    const first = await chat.send('first', SENT)
    await becomes(alice.client, first.id, () => true)
    const heard = listen(alice.client)
    const answer = await alice.client.messages.send(chat.id, 'second', SENT)
    await becomes(bob.client, answer.id, () => true)
    const bobHears = listen(bob.client)
    await heard.until(is('online', bob.client))
    await bob.client.presence.typing(chat.id)
    await heard.until(is('typing', bob.client))
    await bob.client.presence.stopped(chat.id)
    await heard.until(is('stopped', bob.client))
    await bobHears.stop()
    await bob.client.close()
    await heard.until(is('offline', bob.client))
    expect(bodies.length).toBeGreaterThan(3)
    expect(heard.items.map(({ type }) => type)).toEqual(['online', 'typing', 'stopped', 'offline'])
  })
})

/** A link whose relay hands out every signal again and again, all earlier ones too. */
const repeating = (link: RelayLink, bodies: Uint8Array[]): RelayLink => ({
  ...link,
  get state() {
    return link.state
  },
  relay: link.relay,
  states: (options) => link.states(options),
  ready: (options) => link.ready(options),
  prove: (proof, options) => link.prove(proof, options),
  request: (method, params, options) => link.request(method, params, options),
  close: () => link.close(),
  subscribe: (name, params, options) => {
    const items = link.subscribe(name, params, options)
    if (name !== 'signals') return items
    return (async function* () {
      for await (const item of items) {
        bodies.push((item as { body: Uint8Array }).body)
        yield item
        for (const body of bodies) yield { body } as typeof item
      }
    })()
  },
})

/** A signal is not repeated for those whose ears open only now, nor for who has not read the newest commit. */
const typesUntil = async (client: Client, { id }: Chat, seen: () => boolean): Promise<void> => {
  const late = AbortSignal.timeout(120_000)
  while (!seen()) {
    late.throwIfAborted()
    await client.presence.stopped(id)
    await client.presence.typing(id)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

const becomesClosed = async (client: Client, { id }: Chat): Promise<void> => {
  for await (const conversation of client.conversations.stream({ signal: AbortSignal.timeout(120_000) }))
    if (conversation.id === id && conversation.state === 'closed') return
}
