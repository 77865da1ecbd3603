import { startTestRelay } from '@dchat/relay/testing'
import { type Client, createClient, createIdentity } from '@dchat/sdk'
import { Webhook as Official } from 'standardwebhooks'
import { afterEach, expect, test } from 'vitest'
import { pingWebhook } from '../../src/gateway/ping.ts'
import type { GatewayProblem } from '../../src/gateway/problem.ts'
import { createHookSecret } from '../../src/incoming/hook.ts'
import { runWebhooks, type WebhooksOptions } from '../../src/incoming/run-webhooks.ts'
import { memoryQueue } from '../../src/queue/memory.ts'
import { createWebhookSecret } from '../../src/webhooks/keys.ts'
import { listen } from '../support/http.ts'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

interface Told {
  readonly data: {
    readonly conversation: { readonly id: string }
    readonly message: { readonly text: string }
    readonly reply_token: string
  }
}

const textOf = ({ content }: { readonly content: { readonly type: string; readonly text?: string } }) => content.text

const start = async (
  answer: Parameters<typeof listen>[0],
  more: (ann: Client) => Partial<WebhooksOptions> = () => ({}),
) => {
  const relay = await startTestRelay()
  open.push(() => relay.close())
  const person = async () => {
    const options = { identity: createIdentity(), relays: [relay.url], store: ':memory:', strangers: 'allow' } as const
    const client = await createClient(options)
    open.push(() => client.close())
    await client.connect()
    return client
  }
  const [bot, ann] = [await person(), await person()]
  const server = await listen(answer)
  open.push(() => server.close())
  const secret = createWebhookSecret()
  const stop = new AbortController()
  const problems: GatewayProblem[] = []
  let running = Promise.resolve()
  const url = await new Promise<string>((resolve, reject) => {
    running = runWebhooks(
      {
        ...{ client: bot, queue: memoryQueue(), allowPrivateTargets: [server.host] },
        webhooks: [{ name: 'shop', url: server.url, keys: [secret] }],
        listen: { port: 0 },
        onListening: resolve,
        onProblem: (problem) => problems.push(problem),
        ...more(ann),
      },
      { signal: stop.signal },
    )
    running.catch(reject)
  })
  open.push(async () => {
    stop.abort()
    await running
  })
  const chat = await ann.conversations.dm(bot.address, { relays: bot.relays() })
  const heard = ann.messages.stream()[Symbol.asyncIterator]()
  const hear = async () => textOf((await heard.next()).value)
  return { bot, ann, chat, hear, server, secret, url, problems }
}

const post = (url: string, content: object, headers: Record<string, string> = {}) =>
  fetch(url, {
    method: 'POST',
    body: JSON.stringify(content),
    headers: { 'content-type': 'application/json', ...headers },
  })

test('a program behind a webhook is told, answers, and acts later; a hook writes where it may', async () => {
  const hookSecret = createHookSecret()
  const { chat, hear, server, secret, url } = await start(
    ({ body }, response) => {
      const { data } = JSON.parse(body) as Told
      response.end(JSON.stringify({ v: 1, actions: [{ do: 'send', text: `You said ${data.message.text}` }] }))
    },
    (ann) => ({ hooks: [{ name: 'ci', secret: hookSecret, conversation: ann.address }] }),
  )
  await chat.send('lunch?')
  expect(await hear()).toBe('You said lunch?')
  const [{ headers, body }] = server.received as [{ headers: Record<string, string>; body: string }]
  const { data } = new Official(secret).verify(body, headers) as Told
  expect(data.conversation.id).toBe(chat.id)

  const reply = { v: 1, actions: [{ do: 'send', text: 'And dinner?' }] }
  const authorization = `Bearer ${data.reply_token}`
  for (let time = 0; time < 2; time += 1) {
    const response = await post(`${url}/v1/actions`, reply, { authorization, 'idempotency-key': 'k1' })
    expect(response.status).toBe(200)
  }
  expect(await hear()).toBe('And dinner?')
  // A conversation that the bot is not in.
  expect((await post(`${url}/hooks/${hookSecret}`, { text: 'The build is red' })).status).toBe(404)
})

test('of what is longer than a webhook may be the beginning comes, and the rest is asked for', async () => {
  const text = 'word '.repeat(6_000).trim()
  const { chat, hear, server, secret, url } = await start((_, response) =>
    response.end(JSON.stringify({ v: 1, actions: [{ do: 'send', text: 'A long one' }] })),
  )
  const { id } = await chat.send(text)
  expect(await hear()).toBe('A long one')
  const [{ headers, body }] = server.received as [{ headers: Record<string, string>; body: string }]
  const { data } = new Official(secret).verify(body, headers) as Told
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(20_000)
  expect(data).toMatchObject({
    shortened: ['message.text'],
    message: { id, text: text.slice(0, data.message.text.length) },
  })
  const response = await fetch(`${url}/v1/messages/${id}`, { headers: { authorization: `Bearer ${data.reply_token}` } })
  expect(await response.json()).toMatchObject({ v: 1, message: { id, text } })
})

test('an operator hears by an encrypted message that a webhook is gone', async () => {
  const { chat, hear, problems } = await start(
    (_, response) => response.writeHead(410).end(),
    (ann) => ({ operator: ann.address }),
  )
  await chat.send('hello')
  expect(await hear()).toMatch(/^The webhook "shop" gets no more events: .*410/)
  expect(problems).toMatchObject([{ type: 'endpoint.disabled', endpoint: 'shop' }])
})

test('a webhook is asked to repeat a challenge before it is used', async () => {
  const server = await listen(({ body }, response) => {
    const { data } = JSON.parse(body) as { data: { challenge: string } }
    response.end(JSON.stringify(data))
  })
  open.push(() => server.close())
  const target = { name: 'shop', url: server.url, keys: [createWebhookSecret()] }
  await pingWebhook(target, { allowPrivateTargets: [server.host] })
  await expect(pingWebhook(target)).rejects.toMatchObject({ code: 'webhook/forbidden-target' })
})
