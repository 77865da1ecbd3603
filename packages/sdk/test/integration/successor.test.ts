import { describe, expect, test } from 'vitest'
import { type ConversationId, DchatError } from '../../src/index.ts'
import type { RelayLink, Transport } from '../../src/ports/transport.ts'
import type { EntryUpload, Method } from '../../src/protocol/wire/methods.ts'
import { announcementBy, putAnnouncement, squatTopic } from '../../src/testing/hostile/announcements.ts'
import {
  commitAsApplication,
  falseRemoves,
  garbageCommit,
  overreachingCommit,
  wrongBind,
  wrongNextKey,
} from '../../src/testing/hostile/commits.ts'
import { type HostileMember, publishAs } from '../../src/testing/hostile/member.ts'
import { toHex } from '../../src/util/bytes.ts'
import {
  eventually,
  fastClock,
  groupOf,
  type Member,
  member,
  said,
  seen,
  stage,
  textsOf,
  type World,
} from './group-support.ts'

const at = stage()

/** All of them stand in the same topic and epoch, in this term. */
const united = (group: readonly Member[], term: number): Promise<void> =>
  eventually(async () => {
    const states = await Promise.all(group.map(({ state }) => state()))
    const places = states.map(({ room, group: { epoch, authenticator } }) =>
      [toHex(room.topic), room.state, room.term, room.pending === undefined, epoch, toHex(authenticator)].join(),
    )
    return new Set(places).size === 1 && states.every(({ room }) => room.term === term && room.state === 'open')
  })

/** Takes the last member's device over, and lets it publish an entry. */
const attack = async (group: readonly Member[], entry: (hostile: HostileMember) => Promise<EntryUpload>) => {
  const last = group.at(-1) as Member
  await last.client.close()
  const hostile = await last.state()
  await publishAs(hostile, at.link, await entry(hostile))
  return hostile
}

/** Each says something, everybody reads each exactly once. */
const converse = async (group: readonly Member[], id: ConversationId, about: string): Promise<void> => {
  const texts = group.map((_, index) => `${about} ${index}`)
  await Promise.all(group.map(({ client }, index) => client.messages.send(id, texts[index] as string)))
  for (const { client } of group) {
    const all = await said(client, id, texts)
    for (const text of texts) expect(all.filter((other) => other === text)).toHaveLength(1)
  }
}

describe('a void commit leads everybody into one successor', () => {
  test.each([
    [
      'that removes the owner though its author is a member',
      (hostile: HostileMember) => overreachingCommit(hostile, hostile.snapshot.opener),
      true,
    ],
    ['whose frame names a wrong next key', wrongNextKey, true],
    ['whose frame has a wrong HMAC', wrongBind, true],
    ['whose frame claims a removal', falseRemoves, true],
    ['that is garbage, so that nobody is proven to have made it', garbageCommit, false],
  ])(
    '%s',
    async (_, entry, proven) => {
      const group = await at.people(4)
      const id = await groupOf(group)
      const [alice, , , mallory] = group as [Member, Member, Member, Member]
      const honest = group.slice(0, 3)
      await attack(group, entry)
      await converse(honest, id, 'meanwhile')
      await united(honest, 2)
      const info = await alice.client.groups.info(id)
      expect(info.members.some(({ address }) => address === mallory.client.address)).toBe(!proven)
      await converse(honest, id, 'afterwards')
      const orders = await Promise.all(honest.map(({ client }) => textsOf(client, id)))
      expect(new Set(orders.map((texts) => texts.join())).size).toBe(1)
    },
    120_000,
  )

  test('a commit framed as an application message spends no epoch, and changes nothing', async () => {
    const group = await at.people(3)
    const id = await groupOf(group)
    await attack(group, commitAsApplication)
    await converse(group.slice(0, 2), id, 'still here')
    await united(group.slice(0, 2), 1)
  })
})

/** A hand on one method of a client's links: `hold` runs before each such request, and may wait or throw. */
const tapped =
  (method: Method, hold: () => Promise<void>) =>
  (transport: Transport): Transport => ({
    link: (relayUrl) => {
      const inner = transport.link(relayUrl)
      const request: RelayLink['request'] = async (name, params, options) => {
        if (name === method) await hold()
        return inner.request(name, params, options)
      }
      return new Proxy(inner, {
        get: (target, key) => {
          if (key === 'request') return request
          const value = Reflect.get(target, key, target) as unknown
          return typeof value === 'function' ? value.bind(target) : value
        },
      })
    },
  })

const join = async (options: Omit<World, 'url'> = {}): Promise<Member> => {
  const made = await at.take(member({ url: at.relay.url, ...options }))
  await made.client.connect()
  return made
}

describe('openers that fail or meet', () => {
  test.each([
    ['topic.publish', 1, 'the next one opens'],
    ['successor.put', 1, 'the next one opens'],
    ['successor.list', 1, 'the next one opens'],
    ['successor.list', 2, 'its own announcement stands'],
  ] as const)(
    'one that dies before its %s no. %i: %s, and it goes on with them when it is back',
    async (method, count, _) => {
      const clock = fastClock(10)
      let dead = false
      let isRepairing = false
      let calls = 0
      const die = async () => {
        if (isRepairing && ++calls === count) dead = true
        if (dead) throw new DchatError('transport/unreachable', { relay: at.relay.url, reason: 'gone' })
      }
      const alice = await join({ clock, transport: tapped(method, die) })
      const group = [alice, await join({ clock }), await join({ clock }), await join({ clock })]
      const id = await groupOf(group)
      isRepairing = true
      await attack(group, wrongNextKey)
      await eventually(async () => dead)
      await alice.client.messages.send(id, 'from the dead')
      await alice.client.close()
      const honest = group.slice(0, 3)
      await united(honest.slice(1), 2)
      isRepairing = dead = false
      await (await alice.reopen()).connect()
      await united(honest, 2)
      expect(await said(alice.client, id, ['from the dead'])).toHaveLength(2)
      await converse(honest, id, 'whole again')
    },
    120_000,
  )

  test('two at once: the first announcement in the list wins, and the other opener drops its own', async () => {
    const clock = fastClock(10)
    let hasMoved = async () => false
    const alice = await join({ clock, transport: tapped('successor.put', () => eventually(() => hasMoved())) })
    const bob = await join({ clock })
    const group = [alice, bob, await join({ clock }), await join({ clock })]
    const honest = group.slice(0, 3)
    const id = await groupOf(group)
    hasMoved = async () => (await bob.state()).room.term === 2
    await attack(group, wrongBind)
    await converse(honest, id, 'meanwhile')
    await united(honest, 2)
    const { room, group: mls } = await alice.state()
    expect(mls.members.map(({ address }) => address)).not.toContain((group[3] as Member).client.address)
    expect(room.opening).toBeUndefined()
  })
})

test('a change that is asked for while the topic is over is made in the next one', async () => {
  let isHeld = false
  const alice = await join({ transport: tapped('successor.put', () => eventually(async () => !isHeld)) })
  const group = [alice, await join(), await join()]
  const id = await groupOf(group)
  isHeld = true
  await attack(group, wrongBind)
  await seen(alice.client, ({ state }) => state === 'repairing')
  const renamed = alice.client.groups.rename(id, 'Whole again')
  isHeld = false
  await renamed
  expect(await alice.client.groups.info(id)).toMatchObject({ name: 'Whole again', term: 2 })
})

describe('what does not count in a list', () => {
  test('noise, the offender’s own announcement, one that spares the offender, and one whose topic was taken', async () => {
    const clock = fastClock(10)
    let isHeld = false
    const hold = () => eventually(async () => !isHeld)
    const alice = await join({ clock, transport: tapped('topic.publish', hold) })
    const group = [alice, ...(await Promise.all([1, 2, 3].map(() => join({ clock }))))]
    const [, bob, carol, mallory] = group as [Member, Member, Member, Member]
    const id = await groupOf(group)
    for (const client of [bob.client, carol.client]) await client.close()
    isHeld = true
    const hostile = await attack(group, wrongNextKey)
    const accomplice = await carol.state()
    const seq = hostile.room.seq + 1
    const taken = await announcementBy(accomplice, seq, mallory.client.address)
    await squatTopic(hostile, at.link, taken)
    for (const body of [
      hostile.crypto.random(500),
      (await announcementBy(hostile, seq)).sealed,
      (await announcementBy(accomplice, seq)).sealed,
      (await announcementBy(accomplice, seq + 1, mallory.client.address)).sealed,
      taken.sealed,
    ])
      await putAnnouncement(hostile, at.link, body)
    isHeld = false
    await (await bob.reopen()).connect()
    await converse([alice, bob], id, 'meanwhile')
    await united([alice, bob], 2)
    const info = await alice.client.groups.info(id)
    expect(info.members.map(({ address }) => address).sort()).toEqual(
      [alice, bob, carol].map(({ client }) => client.address).sort(),
    )
    expect(toHex((await bob.state()).room.topic)).not.toBe(toHex(taken.topic))
  })

  test('an announcement that an entitled member put there wins, though it did not open the topic', async () => {
    const clock = fastClock(10)
    let isHeld = false
    const hold = () => eventually(async () => !isHeld)
    const alice = await join({ clock, transport: tapped('topic.publish', hold) })
    const group = [alice, ...(await Promise.all([1, 2].map(() => join({ clock }))))]
    const [, bob, mallory] = group as [Member, Member, Member]
    const id = await groupOf(group)
    await bob.client.close()
    isHeld = true
    const hostile = await attack(group, wrongNextKey)
    const early = await bob.state()
    const announced = await announcementBy(early, hostile.room.seq + 1, mallory.client.address)
    await putAnnouncement(early, at.link, announced.sealed)
    isHeld = false
    await eventually(async () => toHex((await alice.state()).room.topic) === toHex(announced.topic))
    await alice.client.messages.send(id, 'here', { wait: 'sent' })
    expect((await alice.state()).room.term).toBe(2)
  })
})

test('void commits in a row, proven and not: each ends a term, and everybody goes on together, who was away too', async () => {
  const group = await at.people(5)
  const id = await groupOf(group)
  const [alice, bob, carol, dave, mallory] = group as [Member, Member, Member, Member, Member]
  await dave.client.messages.send(id, 'before I go', { wait: 'sent' })
  await dave.client.close()
  await attack([mallory], wrongBind)
  await united([alice, bob, carol], 2)
  await converse([alice, bob, carol], id, 'second term')
  await attack([carol], garbageCommit)
  await united([alice, bob], 3)
  await converse([alice, bob], id, 'third term')
  await (await dave.reopen()).connect()
  await united([alice, bob, dave], 3)
  await converse([alice, bob, dave], id, 'all')
  const { room, snapshot } = await dave.state()
  expect(snapshot).toMatchObject({ term: 3, people: { length: 4 }, commitKey: { keepers: 'admins' } })
  expect(room.firstEpoch).toBe((room.epochs.at(-1)?.epoch ?? 0) - 1)
  const [first, ...others] = await Promise.all([alice, bob, dave].map(({ client }) => textsOf(client, id)))
  for (const texts of others) expect(texts).toEqual(first)
})
