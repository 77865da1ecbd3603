import { expect, test } from 'vitest'
import { arg, type Bot, createBot, form, session } from '../../src/index.ts'
import { testBot } from '../../src/testing.ts'

const texts = (replies: readonly { readonly text: string }[]) => replies.map(({ text }) => text)

test('killed in the middle of a handler, the event is handled again and nothing is sent twice', async () => {
  let runs = 0
  let hold = true
  const make = (): Bot =>
    createBot().on('message:text', async (ctx) => {
      runs += 1
      await ctx.reply(`one, in run ${runs}`)
      await ctx.react('👍')
      if (hold) await new Promise(() => undefined)
      await ctx.reply('two')
    })
  await using t = await testBot(make)
  const alice = t.user('alice')
  const { id } = await alice.conversation()
  const client = await alice.client()
  await alice.post('hello')
  await t.clock.run(2_000)
  expect(texts(await alice.replies())).toEqual(['one, in run 1'])
  t.kill()
  hold = false
  await t.start()
  expect(runs).toBe(2)
  // What the first run said stands, though the second one would say it in other words.
  expect(texts(await alice.replies())).toEqual(['one, in run 1', 'two'])
  const hello = (await client.messages.list(id)).items.find(({ own }) => own)
  expect(hello?.reactions).toMatchObject([{ emoji: '👍', from: [t.client.address] }])
})

test('what came while the bot was away is handled in order at the next start', async () => {
  const bot = () =>
    createBot().on('message:text', async (ctx) => {
      await ctx.reply(`got ${ctx.text}`)
    })
  await using t = await testBot(bot)
  const alice = t.user('alice')
  await alice.send('first')
  t.kill()
  for (const text of ['a', 'b', 'c']) await alice.post(text)
  await t.clock.run(3_600_000)
  await t.start()
  expect(texts(await alice.replies())).toEqual(['got first', 'got a', 'got b', 'got c'])
})

test('sessions outlive the bot, and an event that is handled again changes them once', async () => {
  let hold = false
  const make = (): Bot =>
    createBot()
      .use(session({ initial: () => ({ count: 0 }) }))
      .use(session({ name: 'room', of: 'conversation', initial: () => ({ seen: [] as string[] }) }))
      .on('message:text', async (ctx) => {
        ctx.session.seen.push(ctx.text)
        await ctx.reply(ctx.session.seen.join(' '))
      })
  const counting = (): Bot =>
    createBot()
      .use(async (_, next) => {
        await next()
        // Behind the session, which is written by now.
        if (hold) await new Promise(() => undefined)
      })
      .use(session({ initial: () => ({ count: 0 }) }))
      .on('message:text', async (ctx) => {
        ctx.session.count += 1
        await ctx.reply(`${ctx.session.count}`)
      })
  {
    await using t = await testBot(make)
    await t.user('alice').send('a')
    await t.restart()
    expect(texts(await t.user('alice').send('b'))).toEqual(['a b'])
    expect(texts(await t.user('bob').send('c'))).toEqual(['c'])
  }
  await using t = await testBot(counting)
  const alice = t.user('alice')
  await alice.send('first')
  hold = true
  await alice.post('second')
  await t.clock.run(2_000)
  t.kill()
  hold = false
  await t.start()
  expect(texts(await alice.replies())).toEqual(['1', '2'])
  expect(texts(await alice.send('third'))).toEqual(['3'])
})

test('what a handler changed of a session that failed is not kept', async () => {
  const bot = createBot()
    .use(session({ initial: () => ({ count: 0 }) }))
    .on('message:text', async (ctx) => {
      ctx.session.count += 1
      if (ctx.text === 'fail') throw new Error('no')
      await ctx.reply(`${ctx.session.count}`)
    })
    .catch(() => undefined)
  await using t = await testBot(bot)
  await t.user('alice').send('one')
  await t.user('alice').send('fail')
  expect(texts(await t.user('alice').send('two'))).toEqual(['2'])
})

test('a form goes on after a restart, asks again where an answer is none, and can be cancelled', async () => {
  const orders: unknown[] = []
  const make = (): Bot => {
    const order = form(
      'order',
      {
        what: { ask: 'What would you like?', answer: arg.text() },
        count: { ask: 'How many?', answer: arg.integer({ min: 1, max: 9 }) },
        note: { ask: 'Anything else?', answer: arg.text().optional() },
      },
      async (ctx, answers) => {
        orders.push(answers)
        await ctx.reply(`${answers.count.toFixed(1)} ${answers.what.toUpperCase()}${answers.note ?? ''}`)
      },
    )
    return createBot()
      .use(order)
      .command('order', 'Orders something', (ctx) => ctx.ask(order))
      .on('message:text', async (ctx) => {
        await ctx.reply('?')
      })
  }
  await using t = await testBot(make)
  const alice = t.user('alice')
  expect(texts(await alice.send('/order'))).toEqual(['What would you like?'])
  expect(texts(await alice.send('tea'))).toEqual(['How many?'])
  expect(texts(await alice.send('ten'))).toEqual(['It has to be a whole number from 1 up to 9. /cancel ends this.'])
  await t.restart()
  expect(texts(await t.user('bob').send('7'))).toEqual(['?'])
  expect(texts(await alice.send('3'))).toEqual(['Anything else? (- to leave it out)'])
  t.kill()
  await t.start()
  expect(texts(await alice.send('-'))).toEqual(['3.0 TEA'])
  expect(orders).toEqual([{ what: 'tea', count: 3 }])
  expect(texts(await alice.send('hello'))).toEqual(['?'])
  await alice.send('/order')
  expect(texts(await alice.send('/cancel'))).toEqual(['Cancelled.'])
  expect(texts(await alice.send('tea'))).toEqual(['?'])
})
