import { expect, test } from 'vitest'
import { type BotManifest, type Client, type ConversationId, type Message, mention } from '../../src/index.ts'
import { company } from './support.ts'

const LIMIT = 120_000
const SENT = { wait: 'sent', timeout: LIMIT } as const
const { join } = company()

const MANIFEST: BotManifest = {
  read: ['commands', 'mentions', 'replies'],
  send: true,
  react: true,
  files: false,
  members: false,
  history: 'none',
  commands: [{ name: 'roll', description: 'Rolls dice', args: [{ name: 'sides', type: 'integer', optional: true }] }],
}

const textOf = ({ content }: Message): string =>
  content.type === 'text' ? content.text : content.type === 'markdown' ? content.markdown : content.type

/** What somebody sees of a conversation, oldest first, without notices. */
const wordsIn = async (client: Client, id: ConversationId): Promise<readonly string[]> => {
  const { items } = await client.messages.list(id, { limit: 200 })
  return items
    .filter(({ content }) => content.type !== 'notice')
    .map(textOf)
    .reverse()
}

const until = async (holds: () => Promise<boolean>): Promise<void> => {
  const end = Date.now() + LIMIT
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('it did not come')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const seen = (client: Client, id: ConversationId, words: string): Promise<void> =>
  until(async () => (await wordsIn(client, id)).includes(words))

const find = async (client: Client, id: ConversationId, words: string): Promise<Message> => {
  await seen(client, id, words)
  const { items } = await client.messages.list(id, { limit: 200 })
  return items.find((message) => textOf(message) === words) as Message
}

/** Ann's group with Bob, and a bot that is in it as its manifest says. */
const groupWith = async (manifest: BotManifest) => {
  const [ann, bob, bot] = [(await join()).client, (await join()).client, (await join()).client]
  await bot.bots.publish(manifest)
  const { id } = await ann.groups.create({ name: 'Dice', people: [bob.address] })
  await ann.sync()
  await until(async () => (await bob.groups.invitations()).length > 0)
  await bob.groups.accept(id)
  const installed = await ann.bots.install(id, bot.address, { timeout: LIMIT })
  return { ann, bob, bot, id, installed }
}

test('a restricted bot is given what is said to it, and nothing else', { timeout: 2 * LIMIT }, async () => {
  const { ann, bob, bot, id, installed } = await groupWith(MANIFEST)
  expect(installed).toEqual({ address: bot.address, manifest: MANIFEST, by: ann.address, restricted: true })
  expect((await ann.groups.info(id)).members.map(({ address }) => address)).not.toContain(bot.address)
  await until(async () => (await bob.bots.list(id)).length === 1)
  await ann.messages.send(id, 'a secret of ann', SENT)
  await ann.messages.send(id, '/roll 6', SENT)
  await seen(bot, id, '/roll 6')
  const asked = await find(bot, id, '/roll 6')
  expect(asked.from).toBe(ann.address)
  // The same message, under the same id.
  expect(await ann.messages.get(asked.id)).toMatchObject({ content: { type: 'text', text: '/roll 6' } })
  await bot.messages.send(id, { type: 'text', text: 'a four' }, { replyTo: asked.id })
  for (const client of [ann, bob]) {
    const answer = await find(client, id, 'a four')
    expect(answer).toMatchObject({ from: bot.address, own: false, content: { replyTo: asked.id } })
  }
  const answer = await find(bob, id, 'a four')
  await bob.messages.send(id, 'a secret of bob', SENT)
  await bob.messages.send(id, { type: 'text', text: 'once more' }, { ...SENT, replyTo: answer.id })
  await bob.messages.send(id, { type: 'markdown', markdown: `${mention(bot.address, 'Dice')} hello` }, SENT)
  await seen(bot, id, 'once more')
  await until(async () => (await wordsIn(bot, id)).length === 4)
  expect((await wordsIn(bot, id)).filter((words) => words.includes('secret'))).toEqual([])
  expect(await wordsIn(ann, id)).toEqual(await wordsIn(bob, id))
  // Nobody sees the channel.
  for (const client of [ann, bob, bot]) expect((await client.conversations.list()).items).toHaveLength(1)
})

test('its channel follows the group: who comes can speak to it, who goes is out', { timeout: 2 * LIMIT }, async () => {
  const { ann, bob, bot, id } = await groupWith(MANIFEST)
  await ann.messages.send(id, '/roll first', SENT)
  await seen(bot, id, '/roll first')
  const carol = (await join()).client
  await ann.groups.add(id, [carol.address], { timeout: LIMIT })
  await until(async () => (await carol.groups.invitations()).length > 0)
  await carol.groups.accept(id)
  await carol.messages.send(id, '/roll carol', SENT)
  await seen(bot, id, '/roll carol')
  await ann.groups.remove(id, [bob.address], { timeout: LIMIT })
  await ann.messages.send(id, '/roll last', SENT)
  await seen(bot, id, '/roll last')
  // To the bot the people of its channel are the group's: nothing is said there before they agree.
  const people = (await bot.groups.info(id)).members.map(({ address }) => address)
  expect(people.sort()).toEqual([ann.address, bot.address, carol.address].sort())
  await bot.messages.send(id, 'for those who are there', SENT)
  for (const client of [ann, carol]) await seen(client, id, 'for those who are there')
  expect(await wordsIn(bob, id)).not.toContain('for those who are there')
})

test('edits, deletions and presses follow what they are about', { timeout: 2 * LIMIT }, async () => {
  const { ann, bob, bot, id } = await groupWith(MANIFEST)
  const asked = await ann.messages.send(id, '/roll 4', SENT)
  const other = await ann.messages.send(id, '/roll 8', SENT)
  await seen(bot, id, '/roll 8')
  await ann.messages.edit(asked.id, '/roll 12', SENT)
  await seen(bot, id, '/roll 12')
  // New words out of its scope are not told: to the bot the message is gone.
  await ann.messages.edit(other.id, 'a secret instead', SENT)
  await seen(bot, id, 'deleted')
  await seen(bob, id, 'a secret instead')
  const between = await ann.messages.send(id, 'between us', SENT)
  await ann.messages.edit(between.id, 'a secret between us', SENT)
  await ann.messages.delete(between.id, SENT)
  const arrivals = bot.messages.arrivals({ name: 'bot', after: 'now', signal: AbortSignal.timeout(LIMIT) })
  const buttons = await bot.messages.send(id, {
    type: 'text',
    text: 'again?',
    keyboard: [[{ text: 'Yes', callback: 'yes' }]],
  })
  await seen(bob, id, 'again?')
  const told = (async () => {
    for await (const event of bob.events({ signal: AbortSignal.timeout(LIMIT) }))
      if (event.type === 'press-answered') return event.text
    throw new Error('nobody answered')
  })()
  await bob.messages.press(buttons.id, 'yes', SENT)
  for await (const arrival of arrivals) {
    if (arrival.type !== 'press') continue
    expect(arrival).toMatchObject({ by: bob.address, callback: 'yes', message: { id: buttons.id } })
    await bot.messages.answerPress(arrival.press, { text: 'rolling' })
    break
  }
  expect(await told).toBe('rolling')
  await bot.messages.edit(buttons.id, 'rolled', SENT)
  for (const client of [ann, bob]) await seen(client, id, 'rolled')
  await bot.messages.react(asked.id, '🎲', SENT)
  await until(async () => (await bob.messages.get(asked.id))?.reactions?.[0]?.emoji === '🎲')
  const all = JSON.stringify((await bot.messages.list(id, { limit: 200 })).items)
  expect(all).toContain('/roll 12')
  expect(all).not.toContain('secret')
})

const noticesIn = async (client: Client, id: ConversationId): Promise<readonly string[]> =>
  (await client.messages.list(id, { limit: 200 })).items.flatMap(({ content }) =>
    content.type === 'notice' ? [content.notice.kind] : [],
  )

test('its scope changes by commit, for everybody to see, and it is taken out', { timeout: 2 * LIMIT }, async () => {
  const { ann, bob, bot, id } = await groupWith(MANIFEST)
  await bot.bots.publish({ ...MANIFEST, read: ['mentions'] })
  expect((await bob.bots.manifest(bot.address))?.read).toEqual(['mentions'])
  // What it publishes changes nothing before an admin accepts it.
  expect((await bob.bots.list(id))[0]?.manifest.read).toEqual(MANIFEST.read)
  await expect(bob.bots.install(id, bot.address)).rejects.toMatchObject({ code: 'conversation/not-permitted' })
  await ann.bots.install(id, bot.address, { timeout: LIMIT })
  await until(async () => (await noticesIn(bob, id)).includes('bot-scope-changed'))
  await until(async () => (await noticesIn(bot, id)).includes('bot-scope-changed'))
  expect((await bot.bots.list(id))[0]?.manifest.read).toEqual(['mentions'])
  await ann.messages.send(id, '/roll a secret', SENT)
  await ann.messages.send(id, { type: 'markdown', markdown: `${mention(bot.address, 'Dice')} hello` }, SENT)
  await until(async () => (await wordsIn(bot, id)).length === 1)
  expect((await wordsIn(bot, id))[0]).toContain('hello')
  await ann.bots.remove(id, bot.address, { timeout: LIMIT })
  await until(async () => (await noticesIn(bot, id)).includes('removed'))
  await until(async () => (await noticesIn(bob, id)).includes('bot-removed'))
  expect(await bob.bots.list(id)).toEqual([])
  await expect(bot.messages.send(id, 'still here')).rejects.toMatchObject({ code: 'conversation/not-member' })
  // And comes again, in another channel of the same conversation.
  await ann.bots.install(id, bot.address, { timeout: LIMIT })
  await ann.messages.send(id, { type: 'markdown', markdown: `${mention(bot.address, 'Dice')} again` }, SENT)
  await until(async () => (await wordsIn(bot, id)).some((words) => words.includes('again')))
})

test('a bot that reads everything is a member, and its manifest is known', { timeout: 2 * LIMIT }, async () => {
  const { ann, bob, bot, id, installed } = await groupWith({ ...MANIFEST, read: 'all' })
  expect(installed.restricted).toBe(false)
  expect((await ann.groups.info(id)).members.map(({ address }) => address)).toContain(bot.address)
  await until(async () => (await noticesIn(bob, id)).includes('bot-installed'))
  await ann.groups.remove(id, [bot.address], { timeout: LIMIT })
  expect(await ann.bots.list(id)).toEqual([])
  await expect(ann.bots.install(id, bob.address)).rejects.toMatchObject({ code: 'identity/unknown-peer' })
})
