import { describe, expect, test } from 'vitest'
import { openCommitKey } from '../../src/protocol/messages/sealed-commit-key.ts'
import { approveCommit } from '../../src/protocol/topic/commit-frame.ts'
import { garbageCommit } from '../../src/testing/hostile/commits.ts'
import { hostileMember, publishAs } from '../../src/testing/hostile/member.ts'
import type { SimPerson } from '../../src/testing/sim/types.ts'
import { equalBytes } from '../../src/util/bytes.ts'
import { agree, type Company, company, say } from './hubs-support.ts'
import { world } from './world.ts'

type Four = [ann: SimPerson, ben: SimPerson, cid: SimPerson, mal: SimPerson]

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** Noise that nobody can prove to be anybody's, by what the device's store holds, at the hub or at another relay. */
const spoil = ({ sim, relays }: Company, by: SimPerson, at = 0, commitSeed?: Uint8Array): Promise<unknown> => {
  const relay = relays[at]
  if (relay === undefined) throw new Error('no such relay')
  const attack = async () => {
    const member = await hostileMember(by.device.records, by.device.crypto)
    const link = by.device.link(relay)
    try {
      const entry = await garbageCommit(member)
      const approved = commitSeed && {
        approval: await approveCommit(member.crypto, commitSeed, entry.frame as Uint8Array),
      }
      return await publishAs(member, link, { ...entry, ...approved })
    } finally {
      await link.close()
    }
  }
  return sim.finish(attack())
}

/** The secret of the commit key, by what the store of a device that holds it tells. */
const leakedBy = async (by: SimPerson): Promise<Uint8Array> => {
  const { crypto, self, snapshot } = await hostileMember(by.device.records, by.device.crypto)
  const box = snapshot.commitKey?.boxes.find(({ device }) => equalBytes(device, self.deviceKey))
  if (snapshot.commitKey === undefined || box === undefined) throw new Error('it does not hold the key')
  return openCommitKey(crypto, snapshot.room, snapshot.commitKey.key, box, self.introSeed)
}

const spoiled = async (seed: string, hubs: readonly string[] = ['hub']) => {
  const group = await company(world(seed, { heartbeat: HOUR }), ['ann', 'ben', 'cid', 'mal'], hubs)
  const { sim, people, chat } = group
  const [ann, ben, cid, mal] = people as Four
  await agree(group, [])
  await sim.settle()
  await spoil(group, mal)
  await everybody(group, { term: 2, approval: 'admins' })
  const infoOf = ({ client }: SimPerson) => client.groups.info(chat)
  return { group, sim, chat, ann, ben, cid, mal, infoOf }
}

const everybody = async (
  { sim, people, chat }: Company,
  like: { readonly term?: number; readonly approval?: string | undefined; readonly epoch?: number },
  who: readonly SimPerson[] = people,
): Promise<void> => {
  const isSo = async () => {
    const infos = await Promise.all(who.map(({ client }) => client.groups.info(chat)))
    return infos.every((info) =>
      Object.entries(like).every(([key, value]) => (info as unknown as Record<string, unknown>)[key] === value),
    )
  }
  await sim.until(isSo)
}

const REFUSED = { code: 'relay/not-permitted' }

describe('after a void commit that is nobody’s', () => {
  test('nobody spends another epoch without the commit key, people talk, and owners and admins change the group', async () => {
    const { group, sim, chat, ann, ben, cid, mal } = await spoiled('spoiled')
    for (let again = 0; again < 3; again++) await expect(spoil(group, mal)).rejects.toMatchObject(REFUSED)
    await say(group, ben, 'still here')
    await agree(group, ['still here'])
    await sim.finish(ann.client.groups.rename(chat, 'Named'))
    await sim.until(async () => (await cid.client.groups.info(chat)).name === 'Named')
    await sim.settle()
    await expect(spoil(group, mal)).rejects.toMatchObject(REFUSED)
    expect((await cid.client.groups.info(chat)).term).toBe(2)
  })

  test('a member’s own new path waits for one who approves it, and keeps no message waiting', async () => {
    const { group, sim, chat, ann, ben, cid } = await spoiled('paths')
    await sim.settle()
    const backup = await sim.finish(ben.device.backup())
    await ann.device.stop()
    const before = (await ben.client.groups.info(chat)).epoch
    // Each owes the group a new path within a day of coming.
    await sim.run(DAY + HOUR)
    await say(group, ben, 'she is away')
    await agree(group, ['she is away'], undefined, [ben, cid])
    expect((await ben.client.groups.info(chat)).epoch).toBe(before)
    await ann.device.restart()
    await sim.until(async () => (await ben.client.groups.info(chat)).epoch >= before + 3, HOUR)
    await agree(group, ['she is away'])
    // His own path is a commit that the copy of his store cannot follow: it comes back by one that is approved.
    const { epoch } = await cid.client.groups.info(chat)
    await sim.finish(ben.device.restore(backup))
    await ben.device.restart()
    await sim.until(async () => (await ben.client.groups.info(chat)).epoch > epoch)
    await say(group, cid, 'welcome back')
    await agree(group, ['she is away', 'welcome back'])
    await say(group, ben, 'thanks')
    await agree(group, ['she is away', 'welcome back', 'thanks'])
  })

  test('a new admin holds it too, one who was is out of it, and whoever lifts it frees everybody', async () => {
    const { group, sim, chat, ann, ben, cid, mal, infoOf } = await spoiled('renewed')
    await sim.finish(ann.client.groups.setRole(chat, ben.identity.address, 'admin'))
    await sim.settle()
    await ann.device.stop()
    await sim.finish(ben.client.groups.rename(chat, 'By ben'))
    await sim.until(async () => (await infoOf(cid)).name === 'By ben')
    await ann.device.restart()
    await sim.finish(ann.client.groups.setRole(chat, ben.identity.address, 'member'))
    await sim.settle()
    await expect(spoil(group, mal)).rejects.toMatchObject(REFUSED)
    await expect(spoil(group, ben)).rejects.toMatchObject(REFUSED)
    await expect(sim.finish(cid.client.groups.liftApproval(chat))).rejects.toMatchObject({
      code: 'conversation/not-permitted',
    })
    await sim.finish(ann.client.groups.liftApproval(chat))
    await everybody(group, { approval: undefined, term: 2 })
    await spoil(group, mal)
    await everybody(group, { approval: 'admins', term: 3 })
  })

  test('an admin who hands it to somebody else spends one epoch more: then owners alone hold it, and all is told', async () => {
    const { group, sim, chat, ann, ben, cid, mal, infoOf } = await spoiled('leaked')
    await sim.finish(ann.client.groups.setRole(chat, ben.identity.address, 'admin'))
    await sim.settle()
    const approvals: (string | undefined)[] = []
    void (async () => {
      for await (const event of mal.client.events()) if (event.type === 'approval') approvals.push(event.by)
    })()
    const leaked = await leakedBy(ben)
    // Whoever was taken out knows of no later epoch, and the commit key alone opens nothing.
    await sim.finish(ann.client.groups.remove(chat, [cid.identity.address]))
    await sim.settle()
    await expect(spoil(group, cid, 0, leaked)).rejects.toMatchObject({ code: 'relay/wrong-epoch' })
    // A member who has it spoils the topic once.
    await spoil(group, mal, 0, await leakedBy(ben))
    await everybody(group, { term: 3, approval: 'owners' }, [ann, ben, mal])
    await sim.settle()
    expect(approvals).toContain('owners')
    for (const person of [ben, mal]) await expect(spoil(group, person)).rejects.toMatchObject(REFUSED)
    await expect(leakedBy(ben)).rejects.toThrow('it does not hold the key')
    await expect(spoil(group, mal, 0, leaked)).rejects.toMatchObject({ code: 'crypto/bad-signature' })
    await sim.finish(ann.client.groups.rename(chat, 'Still ours'))
    await sim.until(async () => (await infoOf(mal)).name === 'Still ours')
    await say(group, mal, 'so be it')
    await agree(group, ['so be it'], undefined, [ann, ben, mal])
  })

  test('a device of a member that lost its place comes back, by a commit that others approve', async () => {
    const { group, sim, ben, cid } = await spoiled('restored')
    const backup = await sim.finish(ben.device.backup())
    await say(group, ben, 'after the backup')
    await agree(group, ['after the backup'])
    await sim.finish(ben.device.restore(backup))
    await ben.device.restart()
    await say(group, cid, 'welcome back')
    await agree(group, ['after the backup', 'welcome back'])
    await say(group, ben, 'thanks')
    await agree(group, ['after the backup', 'welcome back', 'thanks'])
  })

  test('a new device of a member is let in by those who can', async () => {
    const { group, sim, chat, ben, infoOf, ann } = await spoiled('device')
    const laptop = await sim.device(ben, 'laptop')
    await sim.until(async () => (await laptop.client.conversations.get(chat))?.state === 'open')
    await say(group, ann, 'two of you')
    await sim.until(async () =>
      (await laptop.client.messages.list(chat)).items.some(
        ({ content }) => content.type === 'text' && content.text === 'two of you',
      ),
    )
    const { members } = await infoOf(ann)
    expect(members.find(({ address }) => address === ben.identity.address)?.devices).toHaveLength(2)
  })

  test('the last one who holds it leaves when others can go on', async () => {
    const { group, sim, chat, ann, ben, cid, mal } = await spoiled('last')
    await expect(sim.finish(ann.client.groups.leave(chat))).rejects.toMatchObject({
      code: 'conversation/not-permitted',
    })
    await sim.finish(ann.client.groups.liftApproval(chat))
    await everybody(group, { approval: undefined })
    await sim.finish(ann.client.groups.leave(chat))
    await sim.until(async () => (await ben.client.groups.info(chat)).members.length === 3)
    await say(group, cid, 'without her')
    await agree(group, ['without her'], undefined, [ben, cid, mal])
  })

  test('the next hub asks for the approval too', async () => {
    const { group, sim, chat, ann, ben, mal, infoOf } = await spoiled('moved', ['one', 'two'])
    await sim.finish(ann.client.conversations.moveTo(chat, group.relays[1]?.url as never))
    await everybody(group, { term: 3, approval: 'admins' })
    await sim.settle()
    await expect(spoil(group, mal, 1)).rejects.toMatchObject(REFUSED)
    // Only plain members are there when that one dies: the key goes with them, whoever opens.
    await ann.device.stop()
    await sim.finish(ben.client.messages.send(chat, 'and now'))
    group.relays[1]?.crash()
    await sim.until(async () => (await infoOf(ben)).term === 4)
    await sim.settle()
    await expect(spoil(group, mal, 0)).rejects.toMatchObject(REFUSED)
    expect(await infoOf(ben)).toMatchObject({ term: 4, approval: 'admins' })
    await ann.device.restart()
    await agree(group, ['and now'])
    await sim.finish(ann.client.groups.rename(chat, 'Still ours'))
    await sim.until(async () => (await infoOf(ben)).name === 'Still ours')
  })
})
