import { expect, test } from 'vitest'
import { arg } from '../../src/bot/args.ts'
import { createBot } from '../../src/bot/create-bot.ts'
import { testBot } from '../../src/testing/test-bot.ts'

test('a bot with a scope publishes its commands, and in a group it hears what is for it', async () => {
  const heard: string[] = []
  const told: string[] = []
  const bot = createBot({ read: ['commands', 'replies'], about: 'Counts things' })
  bot.on('bot:installed', () => void told.push('installed'))
  bot.on(
    'bot:scope_changed',
    (ctx) => void told.push(ctx.event.data.read === 'all' ? 'all' : ctx.event.data.read.join()),
  )
  bot.command('add', { description: 'Adds', args: { count: arg.integer().default(1) } }, (ctx) =>
    ctx.reply(`added ${ctx.args.count}`),
  )
  bot.on('message', async (ctx) => void heard.push(ctx.event.data.message.text))
  await using t = await testBot(bot)
  const [ann, bob] = [t.user('ann'), t.user('bob')]
  const group = await t.group('Counters', ann, bob)
  const client = await ann.client()
  expect(await client.bots.list(group.id)).toEqual([
    {
      address: t.client.address,
      by: client.address,
      restricted: true,
      manifest: {
        read: ['commands', 'replies'],
        send: true,
        react: true,
        files: false,
        members: false,
        history: 'none',
        about: 'Counts things',
        commands: [
          { name: 'add', description: 'Adds', args: [{ name: 'count', type: 'integer', optional: true }] },
          { name: 'help', description: 'Shows this list' },
        ],
      },
    },
  ])
  expect(told).toEqual(['installed'])
  await bob.in(group).send('nothing for a bot')
  const [reply] = await ann.in(group).send('/add 3')
  expect(reply?.text).toBe('added 3')
  // Who did not ask sees the answer too, in the same conversation.
  expect((await bob.in(group).lastReply())?.text).toBe('added 3')
  await bob.in(group).act((mine, id) => mine.messages.send(id, 'more?', reply && { replyTo: reply.message.id }))
  expect(heard).toEqual(['more?'])
  // The same bot again: what was accepted still holds, and nobody is asked anew.
  await t.restart()
  expect(await ann.in(group).send('/add')).toMatchObject([{ text: 'added 1' }])
  const [installed] = await client.bots.list(group.id)
  if (installed === undefined) throw new Error('it is installed')
  await ann.in(group).act(() => t.client.bots.publish({ ...installed.manifest, read: ['commands'] }))
  await ann.in(group).act((mine, id) => mine.bots.install(id, t.client.address))
  expect(told).toEqual(['installed', 'commands'])
})
