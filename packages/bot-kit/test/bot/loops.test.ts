import { expect, test } from 'vitest'
import { createBot, LIMITS } from '../../src/index.ts'
import { testBot } from '../../src/testing.ts'

test('a bot that answers everything does not answer itself', async () => {
  let runs = 0
  const bot = createBot().use(async (ctx) => {
    runs += 1
    await ctx.send('yes')
  })
  await using t = await testBot(bot)
  expect(await t.user('alice').send('?')).toHaveLength(1)
  await t.clock.advance(60_000)
  expect(runs).toBe(1)
  expect(await t.user('alice').replies()).toHaveLength(1)
})

test('two bots that answer each other are held by the limit of a chat', async () => {
  const LAST = 30
  const said: number[] = []
  const echo = () =>
    createBot().on('message:text', async (ctx) => {
      const number = Number(ctx.text)
      if (number < LAST) await ctx.send(`${number + 1}`)
      said.push(number)
    })
  await using t = await testBot(echo())
  await t.join('other', echo())
  const start = t.clock.now()
  await t.user('other').send('1')
  expect(said.at(-1)).toBe(LAST)
  const own = LAST / 2
  const seconds = (own - LIMITS.chat.burst) / LIMITS.chat.perSecond
  expect(t.clock.now() - start).toBeGreaterThanOrEqual((seconds - 1) * 1_000)
})
