import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Relay } from '../../../relay/src/index.ts'
import type { ConversationId } from '../../src/index.ts'
import type { RelayLink } from '../../src/ports/transport.ts'
import type { EntryUpload } from '../../src/protocol/wire/methods.ts'
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
import { eventually, groupOf, linkTo, type Member, member, said, textsOf, type World } from './group-support.ts'
import { testRelay } from './support.ts'

let relay: Relay
let link: RelayLink
let members: Member[] = []

beforeEach(async () => {
  relay = await testRelay()
  link = linkTo(relay.url)
})

afterEach(async () => {
  await Promise.all(members.splice(0).map(({ client }) => client.close()))
  await link.close()
  await relay.close()
})

const world = async (count: number, options: Omit<World, 'url'> = {}): Promise<Member[]> => {
  members = await Promise.all(Array.from({ length: count }, () => member({ url: relay.url, ...options })))
  await Promise.all(members.map(({ client }) => client.connect()))
  return members
}

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
  await publishAs(hostile, link, await entry(hostile))
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
      const group = await world(4)
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
    60_000,
  )

  test('a commit framed as an application message spends no epoch, and changes nothing', async () => {
    const group = await world(3)
    const id = await groupOf(group)
    await attack(group, commitAsApplication)
    await converse(group.slice(0, 2), id, 'still here')
    await united(group.slice(0, 2), 1)
  }, 60_000)
})
