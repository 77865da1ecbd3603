import { expect, test } from 'vitest'
import { arg, createBot, form, keyboard, menu } from '../../src/index.ts'
import { testBot } from '../../src/testing.ts'

const texts = (replies: readonly { readonly text: string }[]) => replies.map(({ text }) => text)

test('a press comes with its data, is answered for who pressed, and edits the message', async () => {
  const bot = createBot()
    .command('poll', 'Asks', async (ctx) => {
      const buttons = keyboard().button('Tea', 'vote:tea').button('Coffee', 'vote:coffee').row()
      await ctx.reply({ text: 'What?', keyboard: buttons.link('Rules', 'https://example.org/') })
    })
    .callback(/^vote:(\w+)$/, async (ctx) => {
      await ctx.answer(`You took ${ctx.match[1]}`, { alert: true })
      await ctx.edit(ctx.event.data.message_id, `Taken: ${ctx.match[1]}`)
    })
  await using t = await testBot(bot)
  const alice = t.user('alice')
  const [question] = await alice.send('/poll')
  expect(question?.buttons).toEqual(['Tea', 'Coffee', 'Rules'])
  await expect(alice.press('Milk')).rejects.toThrow('no button')
  await expect(alice.press('Rules')).rejects.toThrow('link')
  expect(await alice.press('Coffee')).toEqual([])
  expect(alice.lastAnswer()).toEqual({ text: 'You took coffee', alert: true })
  expect(texts(await alice.replies())).toEqual(['Taken: coffee'])
})

test('who sees no buttons answers with the number of one, which is a press', async () => {
  const pressed: string[] = []
  const said: string[] = []
  const make = () =>
    createBot()
      .command('poll', 'Asks', async (ctx) => {
        const buttons = keyboard().button('Tea', 'vote:tea').row().link('Rules', 'https://example.org/')
        await ctx.send({ text: 'What?', keyboard: buttons.button('Coffee', 'vote:coffee') })
      })
      .callback(/^vote:(\w+)$/, async (ctx) => {
        pressed.push(`${ctx.match[1]} of ${ctx.event.data.message_id}`)
        await ctx.answer(`You took ${ctx.match[1]}`)
      })
      .on('message:text', (ctx) => {
        said.push(ctx.text)
      })
  await using t = await testBot(make)
  const alice = t.user('alice')
  const bob = t.user('bob')
  const group = await t.group('Lunch', alice, bob)
  const [poll] = await alice.in(group).send('/poll')
  if (poll === undefined) throw new Error('no poll came')
  const reply = (text: string) => bob.in(group).send({ type: 'text', text, replyTo: poll.message.id })
  const [answer] = await reply('3')
  expect(answer).toMatchObject({ text: 'You took coffee', message: { content: { replyTo: expect.any(String) } } })
  expect(texts(await reply(' 1. '))).toEqual(['You took tea'])
  expect(pressed).toEqual([`coffee of ${poll.id}`, `tea of ${poll.id}`])
  // A link, a number without a button, words, a number that answers nothing or somebody else.
  for (const text of ['2', '4', '0', '3 of them']) await reply(text)
  const [own] = (await (await bob.client()).messages.list(group.id)).items
  if (own === undefined) throw new Error('bob said nothing')
  await bob.in(group).send('1')
  await bob.in(group).send({ type: 'text', text: '1', replyTo: own.id })
  expect(said).toEqual(['2', '4', '0', '3 of them', '1', '1'])
  expect(pressed).toHaveLength(2)
})

test('buttons of a menu have their handlers with them, also after a restart', async () => {
  const make = () => {
    const sure = menu('sure')
      .button('Yes', async (ctx) => {
        await ctx.answer()
        await ctx.reply('Done')
      })
      .row()
      .button('No', async (ctx) => {
        await ctx.answer('As you like')
      })
    return createBot()
      .use(sure)
      .command('delete', 'Deletes', async (ctx) => {
        await ctx.reply({ markdown: '**Sure?**', keyboard: sure })
      })
  }
  await using t = await testBot(make)
  const alice = t.user('alice')
  await alice.send('/delete')
  await t.restart()
  expect(texts(await alice.press('Yes'))).toEqual(['Done'])
  expect(await alice.press('No')).toEqual([])
  expect(alice.lastAnswer()).toEqual({ text: 'As you like', alert: false })
})

test('a form shows choices as buttons, and takes a word as well', async () => {
  const size = form('size', { size: { ask: 'Which size?', answer: arg.choice('S', 'M') } }, async (ctx, answers) => {
    await ctx.reply(`Size ${answers.size}`)
  })
  const bot = createBot()
    .use(size)
    .command('order', 'Orders', (ctx) => ctx.ask(size))
  await using t = await testBot(bot)
  const alice = t.user('alice')
  expect(await alice.send('/order')).toMatchObject([{ text: 'Which size?', buttons: ['S', 'M'] }])
  expect(texts(await alice.press('M'))).toEqual(['Size M'])
  await alice.send('/order')
  expect(texts(await alice.send('s'))).toEqual(['Size S'])
})

test('edits, deletions and reactions of others are events', async () => {
  const seen: string[] = []
  const bot = createBot()
    .on('message:edited', (ctx) => {
      seen.push(`edited: ${ctx.text}`)
    })
    .on('message:deleted', () => {
      seen.push('deleted')
    })
    .on(['reaction:added', 'reaction:removed'], (ctx) => {
      seen.push(`${ctx.event.type} ${ctx.event.data.emoji} ${ctx.event.data.message_is_yours}`)
    })
    .on('message:text', async (ctx) => {
      await ctx.reply('here')
    })
  await using t = await testBot(bot)
  const alice = t.user('alice')
  const [reply] = await alice.send('one')
  const mine = (await (await alice.client()).messages.list((await alice.conversation()).id)).items.find(
    ({ own }) => own,
  )
  if (mine === undefined || reply === undefined) throw new Error('nothing was said')
  await alice.act((client) => client.messages.edit(mine.id, 'two'))
  await alice.act((client) => client.messages.react(reply.message.id, '🎉'))
  await alice.act((client) => client.messages.unreact(reply.message.id, '🎉'))
  await alice.act((client) => client.messages.delete(mine.id))
  expect(seen).toEqual(['edited: two', 'reaction.added 🎉 true', 'reaction.removed 🎉 true', 'deleted'])
})
