import { expect, test } from 'vitest'
import type { Client, ConversationId } from '../../src/index.ts'
import { seen } from './group-support.ts'
import { past } from './history-support.ts'
import { waitingDevice } from './link-support.ts'
import { until } from './personal-support.ts'
import { company } from './support.ts'

const SENT = { wait: 'sent', timeout: 60_000 } as const
const net = company()
const join = async (): Promise<Client> => (await net.join()).client

/** What was said, by whom, and what was done to it. */
const told = async (client: Client, chat: ConversationId) =>
  (await client.messages.list(chat, { limit: 500 })).items
    .filter(({ content }) => content.type === 'text' || content.type === 'deleted')
    .map(({ id, from, at, content, reactions }) => ({ id, from, at, content, reactions }))

const rolesOf = async (client: Client, chat: ConversationId): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries((await client.groups.info(chat)).members.map(({ address, role }) => [address, role]).sort())

test.each(['an old device that is on', 'the archive'] as const)(
  'the owner goes while a new device takes the past of the group from %s: it has it whole, and who is owner now',
  async (source) => {
    const [ann, ben, cid] = [await join(), await join(), await join()] as const
    if (source === 'the archive') await ben.settings.set({ archiveBodies: true })
    const { id: chat } = await ann.groups.create({ name: 'Garden', people: [ben.address, cid.address] })
    for (const client of [ben, cid]) {
      await seen(client, ({ state }) => state === 'invited')
      await client.groups.accept(chat)
    }
    await ann.groups.setRole(chat, ben.address, 'admin')
    const ids = []
    for (let n = 0; n < 10; n++)
      for (const client of [ann, cid]) ids.push((await client.messages.send(chat, `${n}`, SENT)).id)
    // What only the owner may do is done before she goes, and stands.
    await ann.messages.delete(ids[3] as never, SENT)
    await ben.messages.react(ids[0] as never, '👍', SENT)
    await until(
      () => told(ben, chat),
      (all) => all.filter(({ content }) => content.type === 'deleted').length === 1,
    )
    if (source === 'the archive')
      await until(
        () => ben.history.archive(),
        ({ messages, behind }) => behind === 0 && messages >= ids.length,
      )

    const { linked, shown } = await waitingDevice(net.relay)
    await (await ben.devices.link((await shown).qr)).approve()
    if (source === 'the archive') await ben.close()
    const second = await linked
    net.open.push(second)
    const [progress] = await Promise.all([
      past(second),
      second.connect(),
      ann.groups.leave(chat),
      cid.messages.send(chat, 'she goes', SENT),
    ])
    expect(progress).toMatchObject({ state: 'done' })
    await seen(second, (one) => one.id === chat && one.state === 'open', 150_000)
    await until(
      () => rolesOf(second, chat),
      (roles) => roles[ben.address] === 'owner' && roles[ann.address] === undefined,
    )
    await until(
      () => rolesOf(cid, chat),
      (roles) => roles[ben.address] === 'owner' && roles[ann.address] === undefined,
    )
    await second.groups.rename(chat, 'Orchard')
    await until(
      async () => (await cid.groups.info(chat)).name,
      (name) => name === 'Orchard',
    )
    const known = await told(second, chat)
    const all = await told(cid, chat)
    const since = new Set(known.map(({ id }) => id))
    expect(known).toEqual(all.filter(({ id }) => since.has(id)))
    for (const id of ids) expect(since).toContain(id)
    if (source !== 'the archive') expect(await rolesOf(ben, chat)).toEqual(await rolesOf(second, chat))
  },
  240_000,
)
