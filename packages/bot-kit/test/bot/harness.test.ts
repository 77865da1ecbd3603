import { expect, test } from 'vitest'
import { createBot } from '../../src/index.ts'
import { testBot } from '../../src/testing.ts'

const texts = (replies: readonly { readonly text: string }[]) => replies.map(({ text }) => text)

test('a bot answers commands and texts, and /help lists what it can do', async () => {
  const bot = createBot()
    .command('price', 'Quotes a price', async (ctx) => {
      await ctx.reply(`${ctx.args[0] ?? 'EUR'} 5`)
    })
    .on('message:text', async (ctx, next) => {
      if (ctx.command) return next()
      await ctx.reply(`You said: ${ctx.text}`)
    })
  await using t = await testBot(bot)
  const alice = t.user('alice')
  expect(texts(await alice.send('hello'))).toEqual(['You said: hello'])
  expect(texts(await alice.send('/price USD'))).toEqual(['USD 5'])
  expect(texts(await alice.send('/help'))).toEqual(['/price: Quotes a price\n/help: Shows this list'])
  expect((await t.lastReply())?.text).toMatch(/^\/price/)
  expect(texts(await t.user('bob').replies())).toEqual([])
})

test('a bot in a group hears everybody, and quotes what it answers', async () => {
  const bot = createBot().on('message:text', async (ctx) => {
    await ctx.reply(`${ctx.conversation.title}: ${ctx.text}`)
  })
  await using t = await testBot(bot)
  const [alice, bob] = [t.user('alice'), t.user('bob')]
  const lunch = await t.group('Lunch', alice, bob)
  const [reply] = await bob.in(lunch).send('Pizza')
  expect(reply?.text).toBe('Lunch: Pizza')
  const asked = await (await bob.client()).messages.list(lunch.id)
  const question = asked.items.find(({ content }) => content.type === 'text' && content.text === 'Pizza')
  expect(reply?.message.content).toMatchObject({ replyTo: question?.id })
  expect(texts(await alice.in(lunch).replies())).toEqual(['Lunch: Pizza'])
})

test('time moves by the clock of the test alone', async () => {
  const bot = createBot().on('message:text', async (ctx) => {
    await ctx.reply(ctx.event.timestamp)
  })
  await using t = await testBot(bot)
  const at = t.clock.now()
  await t.clock.advance(3_600_000)
  const [reply] = await t.user('alice').send('when?')
  expect(Date.parse(reply?.text ?? '')).toBeGreaterThanOrEqual(at + 3_600_000)
  expect(Date.parse(reply?.text ?? '')).toBeLessThan(at + 3_610_000)
})
