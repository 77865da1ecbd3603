import { expect, test } from 'vitest'
import {
  type BotEvent,
  type Context,
  createBot,
  createWebhookKeyPair,
  createWebhookSecret,
  memoryBotStore,
  session,
} from '../../src/index.ts'
import { signedRequest } from '../../src/testing.ts'
import { messageEvent } from '../support/events.ts'

const SECRET = createWebhookSecret()
const MESSAGE = 'ab'.repeat(32)

const echo = (webhookSecret: string | readonly string[] = SECRET) => {
  const heard: string[] = []
  const bot = createBot({ webhookSecret }).on('message:text', async (ctx) => {
    heard.push(ctx.text)
    await ctx.reply(ctx.text)
  })
  return { fetch: bot.fetch, heard }
}
const said = (text: string, index = 1): BotEvent => messageEvent('a', index, text)
const answerOf = async (response: Response) => ({
  status: response.status,
  body: (await response.json()) as { readonly error?: string; readonly actions: readonly { readonly text?: string }[] },
})
const invalid = (name: string) => ({ code: 'usage/invalid-argument', details: { name } })

test('handlers run, and what they say is the answer, under names that hold over repetitions', async () => {
  const bot = createBot({ webhookSecret: SECRET })
    .use(async (ctx, next) => {
      await ctx.typing()
      await next()
    })
    .command('hello', 'Greets', (ctx) => ctx.reply({ markdown: '*Hello*' }))
    .on('message:text', async (ctx) => {
      await ctx.react('👍')
      await ctx.edit(MESSAGE, 'changed')
      await ctx.delete(MESSAGE)
    })
    .callback('vote', (ctx) => ctx.answer('Done'))
    .on('inline', (ctx) => ctx.results([{ id: '1', title: 'One', text: ctx.query.text }]))
    .on('offer', (ctx) => ctx.decline('not_available'))
  const ask = async (event: BotEvent) => (await answerOf(await bot.fetch(signedRequest(SECRET, event)))).body.actions
  const { data } = said('/hello')
  const typing = { do: 'typing' }
  const command = {
    ...data,
    message: { ...(data as { message: object }).message, command: { name: 'hello', args: [] } },
  }
  expect(await ask({ ...said('/hello'), data: command } as BotEvent)).toEqual([
    typing,
    { do: 'send', client_id: 'bot-1', text: '*Hello*', format: 'markdown' },
  ])
  expect(await ask(said('hi', 2))).toEqual([
    typing,
    { do: 'react', client_id: 'bot-1', message_id: MESSAGE, emoji: '👍' },
    { do: 'edit', client_id: 'bot-2', message_id: MESSAGE, text: 'changed' },
    { do: 'delete', client_id: 'bot-3', message_id: MESSAGE },
  ])
  const of = (id: string, type: string, more: object) =>
    ({ ...said('x'), type, data: { ...data, event_id: id, ...more } }) as BotEvent
  expect(await ask(of('evt_p', 'callback.pressed', { callback_id: 'cb', message_id: MESSAGE, data: 'vote' }))).toEqual([
    typing,
    { do: 'answer_callback', client_id: 'bot-1', callback_id: 'cb', alert: false, text: 'Done' },
  ])
  expect(await ask(of('evt_q', 'inline.query', { query_id: 'q', text: 'cat' }))).toEqual([
    typing,
    {
      do: 'answer_inline',
      client_id: 'bot-1',
      query_id: 'q',
      cache_s: 0,
      results: [{ id: '1', title: 'One', text: 'cat' }],
    },
  ])
  const offer = {
    id: 'o',
    state: 'open',
    head: 'h',
    yours: false,
    role: 'buy',
    total: { minor: '1', currency: 'EUR', exponent: 2 },
    items: [],
  }
  expect(await ask(of('evt_o', 'offer.made', { offer, step: 's', message_id: MESSAGE }))).toEqual([
    typing,
    { do: 'offer_decline', client_id: 'bot-1', offer_id: 'o', head: 'h', reason: 'not_available' },
  ])
})

test('nothing runs for a body that was changed, a signature of six minutes ago, and a foreign secret', async () => {
  const { fetch, heard } = echo()
  const good = signedRequest(SECRET, said('hello'))
  const tampered = new Request(good.url, { method: 'POST', headers: good.headers, body: JSON.stringify(said('hullo')) })
  const old = signedRequest(SECRET, said('hello'), { at: Date.now() - 6 * 60_000 })
  const foreign = signedRequest(createWebhookSecret(), said('hello'))
  const unsigned = new Request('https://bot.example/', { method: 'POST', body: JSON.stringify(said('hello')) })
  const codes: unknown[] = []
  for (const request of [tampered, old, foreign, unsigned]) {
    const { status, body } = await answerOf(await fetch(request))
    codes.push([status, body.error])
  }
  const bad = [401, 'webhook/bad-signature']
  expect(codes).toEqual([bad, [401, 'webhook/stale'], bad, bad])
  expect(heard).toEqual([])
})

test('while secrets are rotated either of them will do; a public key verifies too', async () => {
  const [old, pair] = [createWebhookSecret(), createWebhookKeyPair()]
  const { fetch, heard } = echo([SECRET, old, pair.public])
  const signers = [SECRET, old, [createWebhookSecret(), old], pair.secret]
  for (const [index, signer] of signers.entries())
    expect((await fetch(signedRequest(signer, said(`${index}`, index)))).status).toBe(200)
  expect(heard).toEqual(['0', '1', '2', '3'])
})

test('an event that comes again gets the same answer, and no handler runs: at once, later, and after a restart', async () => {
  let runs = 0
  const store = memoryBotStore()
  const make = () =>
    createBot({ webhookSecret: SECRET, webhookStore: store }).on('message:text', async (ctx) => {
      runs += 1
      await ctx.reply(`run ${runs}`)
    })
  const ask = async (bot: ReturnType<typeof make>) => answerOf(await bot.fetch(signedRequest(SECRET, said('hello'))))
  const first = make()
  const answers = [...(await Promise.all([ask(first), ask(first)])), await ask(first), await ask(make())]
  expect(runs).toBe(1)
  const actions = [{ do: 'send', client_id: 'bot-0', text: 'run 1' }]
  expect(answers).toEqual(answers.map(() => ({ status: 200, body: { v: 1, actions } })))
})

test('the newest answers are remembered, and the store does not grow for ever', async () => {
  const { createAnswered } = await import('../../src/bot/answered.ts')
  const store = memoryBotStore()
  const answered = createAnswered(store)
  for (let index = 0; index <= 10_000; index += 1) await answered.set(`evt_${index}`, [])
  expect(await answered.get('evt_0')).toBeUndefined()
  expect([await answered.get('evt_1'), await answered.get('evt_10000')]).toEqual([[], []])
})

test('a challenge is repeated; what is no event does nothing', async () => {
  const { fetch, heard } = echo()
  const ping = { v: 1, type: 'webhook.ping', timestamp: '2026-11-21T02:00:00.000Z', data: { challenge: 'c1' } }
  expect(await answerOf(await fetch(signedRequest(SECRET, ping)))).toEqual({ status: 200, body: { challenge: 'c1' } })
  const unknown = { ...said('x'), type: 'call.started' }
  expect(await answerOf(await fetch(signedRequest(SECRET, unknown)))).toMatchObject({
    status: 200,
    body: { actions: [] },
  })
  expect((await fetch(signedRequest(SECRET, { v: 1, type: 'message.created', data: {} }))).status).toBe(400)
  expect((await fetch(new Request('https://bot.example/'))).status).toBe(405)
  const long = { ...said('x'), more: 'x'.repeat(1024 * 1024) }
  expect((await fetch(signedRequest(SECRET, long))).status).toBe(413)
  expect(heard).toEqual([])
  await expect(createBot().fetch(signedRequest(SECRET, said('x')))).rejects.toMatchObject(invalid('webhookSecret'))
})

test('what needs a client says so', async () => {
  const reached: unknown[] = []
  const failing = (work: (ctx: Context) => unknown) => async () => {
    const bot = createBot({ webhookSecret: SECRET })
      .use((ctx) => work(ctx))
      .catch((error) => {
        reached.push(error)
      })
    expect((await bot.fetch(signedRequest(SECRET, said('x')))).status).toBe(200)
  }
  await failing((ctx) => ctx.client.address)()
  await failing((ctx) => ctx.receipt())()
  await failing(async (ctx) => ctx.edit(await ctx.reply('one'), 'two'))()
  await failing(async (ctx) => {
    for (let index = 0; index < 11; index += 1) await ctx.send(`${index}`)
  })()
  expect(reached).toMatchObject([invalid('client'), invalid('receipt'), invalid('id'), invalid('actions')])
})

test('an error that no catch took rejects, and the event is handled when it comes again', async () => {
  let isBroken = true
  const bot = createBot({ webhookSecret: SECRET })
    .use(session({ initial: () => ({ count: 0 }) }))
    .on('message:text', async (ctx) => {
      ctx.session.count += 1
      if (isBroken) throw new Error('no')
      await ctx.reply(`${ctx.session.count}`)
    })
  await expect(bot.fetch(signedRequest(SECRET, said('a')))).rejects.toThrow('no')
  isBroken = false
  const texts: unknown[] = []
  for (const index of [1, 2]) {
    const { body } = await answerOf(await bot.fetch(signedRequest(SECRET, said('a', index))))
    texts.push(body.actions[0]?.text)
  }
  expect(texts).toEqual(['1', '2'])
})
