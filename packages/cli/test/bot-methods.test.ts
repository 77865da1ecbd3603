import { type BotManifest, type Client, createClient, createIdentity } from '@dchat/sdk'
import { afterEach, expect, test } from 'vitest'
import { all, people } from './support/people.ts'

const { friends, addressOf, linkOf } = people()

const MANIFEST: BotManifest = {
  read: ['commands'],
  send: true,
  react: false,
  files: false,
  members: false,
  history: 'none',
  commands: [{ name: 'roll', description: 'Rolls a die' }],
  about: 'Dice for everybody',
}

let bot: Client | undefined
afterEach(() => bot?.close())

test('a bot is looked at, let into a group, listed and taken out', async () => {
  const { alice, bob } = await friends('alice', 'bob')
  const { relays } = await alice.owner.call('whoami', {})
  bot = await createClient({ identity: createIdentity(), relays, store: ':memory:', strangers: 'allow' })
  await bot.connect()
  await bot.bots.publish(MANIFEST)
  await alice.guest.call('contacts.add', { peer: bot.invite(), name: 'dice' })
  expect(await alice.guest.call('bot.manifest', { bot: 'dice' })).toEqual({
    address: bot.address,
    name: 'dice',
    manifest: MANIFEST,
  })

  const { chat } = await alice.guest.call('group.create', { name: 'Trip', people: ['bob'] })
  await bob.guest.call('group.accept', { group: 'Trip' })
  const installed = { address: bot.address, manifest: MANIFEST, by: await addressOf(alice), restricted: true }
  expect(await alice.guest.call('bot.install', { group: 'Trip', bot: 'dice' })).toEqual({
    chat,
    bot: { ...installed, name: 'dice' },
  })
  expect(await all(bob.guest.stream('bot.list', { group: 'Trip' }))).toEqual([installed])

  const link = await linkOf(bob)
  await expect(alice.guest.call('bot.manifest', { bot: link })).rejects.toMatchObject({ code: 'identity/unknown-peer' })
  await expect(bob.guest.call('bot.remove', { group: 'Trip', bot: bot.address })).rejects.toMatchObject({
    code: 'conversation/not-permitted',
  })
  expect(await alice.guest.call('bot.remove', { group: 'Trip', bot: 'dice' })).toEqual({ chat, address: bot.address })
  expect(await all(alice.guest.stream('bot.list', { group: 'Trip' }))).toEqual([])
})
