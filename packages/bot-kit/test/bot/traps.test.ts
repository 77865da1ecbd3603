import { isDchatError } from '@dchat/sdk'
import { describe, expect, test } from 'vitest'
import { createBot } from '../../src/index.ts'
import { testBot } from '../../src/testing.ts'

const later = () => new Promise<void>((resolve) => setTimeout(resolve, 1))

describe('errors have one home', () => {
  test('an async rejection of a handler reaches catch, and the bot goes on', async () => {
    const caught: string[] = []
    const bot = createBot()
      .on('message:text', async (ctx) => {
        await later()
        if (ctx.text === 'fail') throw new Error('from afar')
        await ctx.reply('fine')
      })
      .catch((error, ctx) => {
        caught.push(`${(error as Error).message} at ${ctx.text}`)
      })
    await using t = await testBot(bot)
    expect(await t.user('alice').send('fail')).toEqual([])
    expect(caught).toEqual(['from afar at fail'])
    expect(await t.user('alice').send('again')).toMatchObject([{ text: 'fine' }])
  })

  test('so does one of a command behind middleware that waits for it', async () => {
    const caught: unknown[] = []
    const way: string[] = []
    const bot = createBot()
      .use(async (_, next) => {
        way.push('in')
        try {
          await next()
        } finally {
          way.push('out')
        }
      })
      .command('fail', 'Fails', async () => {
        await later()
        way.push('failed')
        throw new Error('command')
      })
      .catch((error) => caught.push(error))
    await using t = await testBot(bot)
    await t.user('alice').send('/fail')
    expect(way).toEqual(['in', 'failed', 'out'])
    expect(caught).toMatchObject([{ message: 'command' }])
  })

  test('without catch the bot stops with the error, and the event comes again at the next start', async () => {
    let runs = 0
    const make = () =>
      createBot().on('message:text', async (ctx) => {
        runs += 1
        if (runs === 1) throw new Error('nobody takes it')
        await ctx.reply(`run ${runs}`)
      })
    const t = await testBot(make)
    expect(await t.user('alice').send('hello')).toEqual([])
    expect(await t.user('alice').send('more')).toEqual([])
    t.kill()
    await t.start()
    // An event that failed waits before it is tried again.
    await t.clock.advance(10_000)
    expect(await t.user('alice').replies()).toMatchObject([{ text: 'run 2' }, { text: 'run 3' }])
    await t.close()
  })

  test('a test whose bot stopped with an error fails', async () => {
    const bot = createBot().use(() => {
      throw new Error('loud')
    })
    const t = await testBot(bot)
    await t.user('alice').send('hello')
    await expect(t.close()).rejects.toThrow('loud')
  })
})

describe('next runs once', () => {
  test('a second next() is an error, also where the first one failed: what stands behind runs once', async () => {
    const caught: unknown[] = []
    let runs = 0
    const bot = createBot()
      .use(async (_, next) => {
        await next()
        throw new Error('after its own next()')
      })
      .on('message', () => {
        runs += 1
      })
      .catch((error) => caught.push(error))
    const recovering = createBot()
      .use(async (_, next) => {
        try {
          await next()
        } catch {
          await next()
        }
      })
      .use(async (_, next) => {
        await next()
        throw new Error('after its own next()')
      })
      .on('message', () => {
        runs += 1
      })
      .catch((error) => caught.push(error))
    await using t = await testBot(bot)
    await t.join('other', recovering)
    await t.user('alice').send('to the first')
    const other = await t.user('other').client()
    const alice = await t.user('alice').client()
    await t.user('alice').act(async () => {
      const chat = await alice.conversations.dm(other.address, { relays: other.relays() })
      await chat.send('to the second')
    })
    expect(runs).toBe(2)
    expect(caught).toHaveLength(2)
    expect(caught[0]).toMatchObject({ message: 'after its own next()' })
    expect(isDchatError(caught[1], 'usage/next-twice') && caught[1].details).toEqual({ handler: 0 })
  })
})

test('a command handler sees the message as it came, however handlers before it read it', async () => {
  const seen: unknown[] = []
  const bot = createBot()
    .use(async (ctx, next) => {
      seen.push(structuredClone(ctx.event))
      await next()
    })
    .on('message:text', (_, next) => next())
    .command('say', 'Says it', async (ctx) => {
      seen.push(structuredClone(ctx.event))
      await ctx.reply(`${ctx.text} | ${ctx.args.join(' | ')}`)
    })
  await using t = await testBot(bot)
  expect(await t.user('alice').send('/say "two words" one')).toMatchObject([
    { text: '/say "two words" one | two words | one' },
  ])
  expect(seen[1]).toEqual(seen[0])
})
