import { once } from 'node:events'
import { expect, test } from 'vitest'
import { exampleScenes, textOf } from '../lib/example-scene.ts'
import { fencesOf } from '../lib/fences.ts'
import { readText } from '../lib/tree.ts'

const current = exampleScenes()

/** Starts an example in the scene's folder; resolves to its invite. */
const start = (name: string) => current().start([`${name}/bot.js`], {})
const invited = async (name: string) => (await start(name)).told

test('the echo bot is eight lines, and is itself again after a restart with its secret', async () => {
  const code = readText('examples/echo-bot/bot.js').trimEnd()
  expect(code.split('\n').length).toBeLessThanOrEqual(8)
  expect(fencesOf('docs/bots.md').filter(({ language }) => language === 'js')).toMatchObject([{ code }])
  const { told: invite, child } = await start('echo-bot')
  const { say } = await current().talk(invite)
  expect(textOf(await say('hello'))).toBe('hello')
  expect(textOf(await say('/help'))).toContain('/hello: Greets you')
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
  expect(await invited('echo-bot')).toBe(invite)
  expect(textOf(await say('still there?'))).toBe('still there?')
})

test('the shop bot shows its goods and sells one', async () => {
  const { say, next } = await current().talk(await invited('shop-bot'))
  expect(textOf(await say('/catalogue'))).toMatch(/^chair: Oak chair, .*\(4 left\)\ntable: .*\(1 left\)$/)
  const { content } = await say('/buy chair')
  if (content.type !== 'offer') throw new Error('no offer came')
  await current().alice.offers.accept(content.offer)
  const said = [textOf(await next()), textOf(await next())]
  expect(said.find((text) => text !== 'offer')).toMatch(/^Sold: 1 × Oak chair for /)
})

test('the poll bot counts votes', async () => {
  const { say } = await current().talk(await invited('poll-bot'))
  const poll = await say('/poll "Lunch today?" Pizza Soup')
  expect(textOf(poll)).toBe('Lunch today?\nPizza: 0\nSoup: 0')
  const changes = current().alice.messages.changes()
  await current().alice.messages.press(poll.id, 'vote:1')
  for await (const changed of changes) if (textOf(changed).endsWith('Soup: 1')) break
})

test('the music bot finds tracks while somebody types, and by a command', async () => {
  const { say, chat } = await current().talk(await invited('music-search-bot'))
  expect(textOf(await say('/find ete'))).toBe('Été à Brume, by Lise Carvel (Brume, 2015, 3:51)')
  expect(textOf(await say('/find polka'))).toBe('There is nothing like that.')
  const { results } = await current().alice.inline.query(chat.id, 'river')
  expect(results.map(({ title }) => title)).toEqual(['River Without a Name', 'Mind the River'])
  expect(results[0]).toMatchObject({ description: 'Halden Quartet · Low Water, 2011', format: 'text' })
})

test('the notifier writes once what a job of CI posts, also after a restart', async () => {
  const bot = () => current().start(['ci-notifier/bot.js'], { PORT: '0' })
  const { told, child } = await bot()
  const { say, next } = await current().talk(told)
  const notify = (url: string, state: string) =>
    current().run(['ci-notifier/notify.js', state], {
      HOOK_URL: url,
      BRANCH: 'main',
      COMMIT: '0123456789',
      RUN_ID: '7',
    })
  const url = textOf(await say('/hook'))
  await notify(url, 'failed')
  expect(textOf(await next())).toBe('Build failed on main (0123456)')
  await notify(url, 'failed')
  expect(textOf(await say('/hook'))).toBe(url)
  await expect(notify(`${url}x`, 'failed')).rejects.toThrow('The hook answered 404')

  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
  await bot()
  const again = textOf(await say('/hook'))
  expect(new URL(again).pathname).toBe(new URL(url).pathname)
  await notify(again, 'passed')
  expect(textOf(await next())).toBe('Build passed on main (0123456)')
})
