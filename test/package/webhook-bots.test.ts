import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { createWebhookSecret, parseWebhookKey, pingWebhook, signWebhook } from '../../packages/bot-kit/src/index.ts'
import { exampleScenes, textOf } from '../lib/example-scene.ts'
import { readText } from '../lib/tree.ts'

const hasPython = spawnSync('python3', ['--version']).status === 0
if (!hasPython) process.stderr.write('Skipped: the webhook bot in Python: python3 is not on this machine.\n')

const current = exampleScenes()

/** A program behind a webhook, its gateway in another process, and somebody who talks with them. */
const begin = async (path: string, program?: string[]) => {
  const secret = createWebhookSecret()
  const settings = { WEBHOOK_SECRET: secret, PORT: '0' }
  const { told: url } = await current().start([path], settings, program)
  await pingWebhook({ name: 'bot', url, keys: [secret] }, { allowPrivateTargets: [new URL(url).host] })
  const gateway = await current().start(['webhook-bot-node/gateway.js'], { ...settings, WEBHOOK_URL: url })

  /** Posts an event as a gateway would, or as somebody who only knows the address. */
  const post = async (event: object, { key = secret, at = Date.now() } = {}) => {
    const body = JSON.stringify(event)
    const signed = signWebhook(body, { id: 'evt_1', at, keys: [parseWebhookKey(key)] })
    const response = await fetch(url, { method: 'POST', headers: { ...signed }, body })
    return { status: response.status, answer: response.status === 200 ? await response.json() : undefined }
  }
  return { post, ...(await current().talk(gateway.told)) }
}

const command = (name: string, ...args: string[]) => ({
  v: 1,
  type: 'message.created',
  timestamp: '2026-11-21T02:00:00.000Z',
  data: {
    event_id: 'evt_1',
    conversation: { id: 'c', kind: 'dm' },
    message: { kind: 'text', command: { name, args } },
  },
})

/** What every program behind a webhook owes: nothing for strangers, and the same answer for the same event. */
const keepsTheRules = async (post: Awaited<ReturnType<typeof begin>>['post'], event: object) => {
  expect(await post(event, { key: createWebhookSecret() })).toMatchObject({ status: 401 })
  expect(await post(event, { at: Date.now() - 360_000 })).toMatchObject({ status: 401 })
  const first = await post(event)
  expect(first).toMatchObject({ status: 200, answer: { v: 1, actions: [{ do: 'send' }] } })
  expect(await post(event)).toEqual(first)
  const unknown = { v: 1, type: 'planet.discovered', data: { event_id: 'evt_2', conversation: { id: 'c' } } }
  expect(await post(unknown)).toEqual({ status: 200, answer: { v: 1, actions: [] } })
}

test('the bot in plain Node keeps lists of things to do', async () => {
  const { post, say } = await begin('webhook-bot-node/server.js')
  const list = await say('/add milk')
  expect(list.content).toMatchObject({ text: 'To do:', keyboard: [[{ text: 'milk', callback: 'done:milk' }]] })
  const changes = current().alice.messages.changes()
  const events = current().alice.events()
  await current().alice.messages.press(list.id, 'done:milk')
  for await (const changed of changes) if (textOf(changed) === 'There is nothing to do.') break
  for await (const event of events)
    if (event.type === 'press-answered') {
      expect(event.text).toBe('Done: milk')
      break
    }
  const long = '🥖'.repeat(30)
  expect((await say(`/add "two\n${long}"`)).content).toMatchObject({
    keyboard: [[{ text: `two ${'🥖'.repeat(12)}`, callback: `done:two ${'🥖'.repeat(10)}` }]],
  })
  await keepsTheRules(post, command('add', 'bread'))
})

test('it takes nothing that has to be installed', () => {
  const imported = ['server.js', 'verify.js'].flatMap((name) =>
    [...readText(`examples/webhook-bot-node/${name}`).matchAll(/from '([^']+)'/g)].map(([, from]) => from as string),
  )
  expect(imported.length).toBeGreaterThan(3)
  expect(imported.filter((from) => !from.startsWith('node:') && !from.startsWith('./'))).toEqual([])
})

describe.skipIf(!hasPython)('the bot in Python', () => {
  test('rolls dice', async () => {
    // Compiled files would stand in the checkout.
    const { post, say, next } = await begin('webhook-bot-python/bot.py', ['python3', '-B'])
    const rolled = await say('/roll 2d6')
    expect(textOf(rolled)).toMatch(/^[1-6] \+ [1-6] = \d+$/)
    await current().alice.messages.press(rolled.id, '2d6')
    expect(textOf(await next())).toMatch(/^[1-6] \+ [1-6] = \d+$/)
    expect(textOf(await say('/roll 0d0'))).toBe('Like this: /roll 2d6')
    await keepsTheRules(post, command('roll', '9d999'))
  })
})
