import { expect, test } from 'vitest'
import { host } from '#host'
import { type Client, type ConversationId, createClient, DchatError, importBackup } from '../../src/index.ts'
import { seen } from './group-support.ts'
import type { Place } from './host/host.ts'
import { type Between, codeOf, reopenBetween, secondDevice } from './link-support.ts'
import { until } from './personal-support.ts'
import { company, person, reopen } from './support.ts'

const PASSPHRASE = 'a long passphrase'
const SENT = { wait: 'sent', timeout: 90_000 } as const
const net = company()
const { join } = net

const textsIn = async (client: Client, chat: ConversationId): Promise<string[]> =>
  (await client.messages.list(chat, { limit: 200 })).items.flatMap(({ content }) =>
    content.type === 'text' ? [content.text] : [],
  )

const exported = async (client: Client): Promise<readonly Uint8Array[]> => {
  const parts: Uint8Array[] = []
  for await (const part of client.backup.export({ passphrase: PASSPHRASE })) parts.push(part)
  return parts
}

/** A new store, from a backup. */
const imported = async (backup: readonly Uint8Array[]): Promise<Place> => {
  const place = await host.place()
  const source = (async function* () {
    yield* backup
  })()
  await importBackup({ ...place, passphrase: PASSPHRASE, source })
  return place
}

/**
 * Alice and Bob in a group and a direct message; Bob's second device makes a backup, and is revoked. What was said since
 * is for his first device.
 */
const revokedWithBackup = async () => {
  const [{ client: alice }, { client: bob }] = [await join(), await join()]
  const group = await alice.groups.create({ name: 'Two devices', people: [bob.address] })
  await seen(bob, ({ state }) => state === 'invited')
  await bob.groups.accept(group.id)
  const chat = await alice.conversations.dm(bob.address)
  await chat.send('one', { ...SENT, wait: 'delivered' })
  const lost = await secondDevice(bob, net.relay)
  net.open.push(lost)
  for (const id of [group.id, chat.id]) await seen(lost, (one) => one.id === id && one.state === 'open')
  for (const id of [group.id, chat.id]) await alice.messages.send(id, 'for both', SENT)
  for (const id of [group.id, chat.id])
    await until(
      () => textsIn(lost, id),
      (texts) => texts.includes('for both'),
    )
  const backup = await exported(lost)
  await lost.close()

  await bob.devices.revoke(lost.device)
  const devices = async () => (await alice.groups.info(group.id)).members.map(({ devices: all }) => all.length)
  await until(devices, (counts) => counts.every((count) => count === 1))
  for (const id of [group.id, chat.id]) await alice.messages.send(id, 'not for the lost one', SENT)
  for (const id of [group.id, chat.id])
    await until(
      () => textsIn(bob, id),
      (texts) => texts.includes('not for the lost one'),
    )
  const place = await imported(backup)
  const leavesNothing = async (restored: Client) => {
    for (const id of [group.id, chat.id]) {
      const texts = await textsIn(restored, id)
      expect(texts).toContain('for both')
      expect(texts).not.toContain('not for the lost one')
      expect(await textsIn(alice, id)).not.toContain('evil')
      expect(await textsIn(bob, id)).not.toContain('evil')
    }
    expect((await devices()).sort()).toEqual([1, 1])
  }
  return { alice, bob, chats: [group.id, chat.id], lost: lost.device, place, leavesNothing }
}

/** Asks nobody for the own log, and takes no refusal for a reason to. */
const deaf: Between = (ask, method, params) =>
  method === 'identity.get' ? Promise.resolve({ logs: [] } as never) : ask(method, params)

test('a revoked device that comes back from a backup learns it, stops, and is let in nowhere', async () => {
  const { chats, lost, place, leavesNothing } = await revokedWithBackup()
  const restored = await createClient({ ...place, strangers: 'allow' })
  net.open.push(restored)
  expect(restored.device).toBe(lost)
  expect(await codeOf(restored.connect())).toBe('identity/device-revoked')
  expect(await codeOf(restored.sync())).toBe('identity/device-revoked')
  for (const id of chats) expect(await codeOf(restored.messages.send(id, 'evil'))).toBe('identity/device-revoked')
  await leavesNothing(restored)
  await restored.close()

  const again = await createClient({ ...place, strangers: 'allow' })
  net.open.push(again)
  expect(await codeOf(again.connect())).toBe('identity/device-revoked')
  await leavesNothing(again)
})

test('one that does not want to know is let in nowhere either: what it sends and commits is void for everybody', async () => {
  const { alice, bob, chats, place, leavesNothing } = await revokedWithBackup()
  const stubborn = await reopenBetween(place, deaf)
  net.open.push(stubborn)
  await codeOf(stubborn.connect({ timeout: 5_000 }))
  for (const id of chats) await codeOf(stubborn.messages.send(id, 'evil'))
  await codeOf(stubborn.sync({ timeout: 5_000 }))
  for (const id of chats) {
    await alice.messages.send(id, 'and now', SENT)
    await until(
      () => textsIn(bob, id),
      (texts) => texts.includes('and now'),
    )
    expect(await textsIn(stubborn, id)).not.toContain('and now')
  }
  await leavesNothing(stubborn)
})

test('where the removal has not come yet, it speaks to nobody who knows of the revocation', async () => {
  const alice = await join()
  const bob = await person(net.relay)
  await bob.client.connect()
  await bob.client.close()
  let removing = true
  // The hub refuses the removal, so the lost device's leaf still stands.
  const held: Between = async (ask, method, params) => {
    const { entries = [] } = params as { entries?: readonly { kind: string }[] }
    if (method === 'topic.publish' && !removing && entries.some(({ kind }) => kind === 'commit'))
      throw new DchatError('relay/quota', { what: 'bytes of one topic', limit: 0 })
    return ask(method, params)
  }
  const first = await reopenBetween(bob.place, held)
  net.open.push(first)
  await first.connect()
  const chat = await alice.client.conversations.dm(first.address)
  await chat.send('one', { ...SENT, wait: 'delivered' })
  const lost = await secondDevice(first, net.relay)
  await seen(lost, ({ id, state }) => id === chat.id && state === 'open')
  await lost.sync()
  const backup = await exported(lost)
  await lost.close()
  await alice.client.sync()
  await alice.client.close()

  removing = false
  await first.devices.revoke(lost.device)
  await first.messages.send(chat.id, 'the other one is lost', SENT)
  const place = await imported(backup)
  const stubborn = await reopenBetween(place, deaf)
  net.open.push(stubborn)
  await codeOf(stubborn.connect({ timeout: 5_000 }))
  await codeOf(stubborn.messages.send(chat.id, 'evil'))
  await codeOf(stubborn.sync({ timeout: 5_000 }))
  await stubborn.close()

  removing = true
  const again = await reopen(alice)
  net.open.push(again)
  await again.connect()
  await again.sync()
  await again.messages.send(chat.id, 'and now', SENT)
  for (const client of [again, first]) {
    await until(
      () => textsIn(client, chat.id),
      (texts) => texts.includes('and now'),
    )
    expect(await textsIn(client, chat.id)).not.toContain('evil')
  }
})
