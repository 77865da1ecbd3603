import { execFile, spawnSync } from 'node:child_process'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  actionSchema,
  answerSchema,
  createHookSecret,
  createWebhookSecret,
  eventSchema,
  memoryQueue,
  runWebhooks,
  verifyWebhook,
} from '../packages/bot-kit/src/index.ts'
import { createRelay } from '../packages/relay/src/index.ts'
import { createClient, createIdentity } from '../packages/sdk/src/index.ts'
import { type Fence, fencesOf } from './lib/fences.ts'
import { readText } from './lib/tree.ts'

/** What the pages of bots say of events, actions and addresses is what the code does. */

const shapeOf = (schema: unknown): Readonly<Record<string, unknown>> | undefined => {
  const { shape, unwrap, element } = schema as {
    shape?: Readonly<Record<string, unknown>>
    unwrap?: () => unknown
    element?: unknown
  }
  if (shape) return shape
  if (element) return shapeOf(element)
  return unwrap && shapeOf(unwrap())
}

/** Fields that the schema does not know: it lets them pass, a page should not have them. */
const strange = (value: unknown, schema: unknown, path = ''): readonly string[] => {
  if (Array.isArray(value)) return value.flatMap((one) => strange(one, schema, path))
  const shape = shapeOf(schema)
  if (shape === undefined || typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, one]) =>
    Object.hasOwn(shape, name) ? strange(one, shape[name], `${path}.${name}`) : [`${path}.${name}`],
  )
}

describe('the page of events', () => {
  const [ping, ...bodies] = fencesOf('docs/events.md')
    .map(({ code }) => JSON.parse(code) as { readonly type: string; readonly data: object })
    .reverse()
  const types = eventSchema.options.map(({ shape }) => shape.type.value)

  test('has each type once, under its name, in the order of the schema', () => {
    expect(bodies.map(({ type }) => type).reverse()).toEqual(types)
    const headings = [...readText('docs/events.md').matchAll(/^### (\S+)$/gm)].map(([, name]) => name)
    expect(headings).toEqual([...types, 'webhook.ping'])
    expect(ping).toMatchObject({ v: 1, type: 'webhook.ping', data: { challenge: expect.any(String) } })
  })

  test.each(bodies.map((body) => [body.type, body] as const))('shows what %s is', (type, body) => {
    expect(eventSchema.parse(body)).toEqual(body)
    const schema = eventSchema.options.find(({ shape }) => shape.type.value === type)
    expect(strange(body, schema)).toEqual([])
  })
})

test('the page of bots tells every action', () => {
  const [example] = fencesOf('docs/bots.md').filter(({ language }) => language === 'json')
  const sample = (example?.code ?? '').replace('"…"', JSON.stringify('ab'.repeat(32)))
  expect(answerSchema.parse(JSON.parse(sample)).actions).toHaveLength(2)
  const named = [...readText('docs/bots.md').matchAll(/^\| (`\w+`(?:, `\w+`)*) \|/gm)].flatMap(([, names = '']) =>
    names.split(', ').map((name) => name.slice(1, -1)),
  )
  expect(named).toEqual(actionSchema.options.map(({ shape }) => shape.do.value))
})

const missing = ['curl', 'openssl'].filter((name) => spawnSync(name, ['version']).error !== undefined)
if (missing.length > 0)
  process.stderr.write(`Skipped: the commands of docs/webhooks.md: no ${missing.join(', no ')}.\n`)

describe.skipIf(missing.length > 0)('the commands of the page of webhooks', () => {
  const secret = createWebhookSecret()
  const hook = createHookSecret()
  const closing: (() => Promise<unknown>)[] = []
  /** What stands on the page, and what it is here. */
  const here = new Map<string, string>()
  afterAll(async () => {
    for (const close of closing.reverse()) await close()
  })

  const listen = async (listener: RequestListener): Promise<URL> => {
    const server = createServer(listener)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closing.push(() => new Promise((resolve) => server.close(resolve).closeAllConnections()))
    return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  }

  /** A program behind a webhook: it checks what comes, repeats challenges and keeps events. */
  const program = (told: (event: { data: { reply_token: string; message: { id: string } } }) => void) =>
    listen(async (request, response) => {
      const parts: Uint8Array[] = []
      for await (const part of request) parts.push(part)
      const body = Buffer.concat(parts)
      verifyWebhook(body, request.headers, [secret])
      const event = JSON.parse(body.toString())
      if (event.type === 'message.created') told(event)
      response.end(JSON.stringify(event.type === 'webhook.ping' ? event.data : { v: 1, actions: [] }))
    })

  beforeAll(async () => {
    const relay = await createRelay()
    closing.push(() => relay.close())
    const person = async () => {
      const options = {
        identity: createIdentity(),
        relays: [relay.url],
        store: ':memory:',
        strangers: 'allow',
      } as const
      const client = await createClient(options)
      closing.push(() => client.close())
      await client.connect()
      return client
    }
    const [bot, ann] = [await person(), await person()]
    let told: (event: { data: { reply_token: string; message: { id: string } } }) => void = () => undefined
    const event = new Promise<Parameters<typeof told>[0]>((resolve) => {
      told = resolve
    })
    const shop = await program((one) => told(one))
    const stop = new AbortController()
    const chat = await ann.conversations.dm(bot.address, { relays: bot.relays() })
    await chat.send('hello', { wait: 'delivered' })
    const [own] = (await bot.conversations.list()).items
    if (own === undefined) throw new Error('the bot has no conversation')
    const url = await new Promise<string>((resolve, reject) => {
      const running = runWebhooks(
        {
          ...{ client: bot, queue: memoryQueue(), allowPrivateTargets: [shop.host] },
          webhooks: [{ name: 'shop', url: shop.href, keys: [secret] }],
          hooks: [{ name: 'ci', secret: hook, conversation: own.id, template: 'Build {{number}} is {{state}}' }],
          listen: { port: 0 },
          onListening: resolve,
        },
        { signal: stop.signal },
      )
      running.catch(reject)
      closing.push(async () => {
        stop.abort()
        await running
      })
    })
    const { data } = await event
    for (const [shown, real] of Object.entries({
      'https://bot.example': url,
      'https://shop.example/dchat': shop.href,
      'rt_…': data.reply_token,
      'hook_…': hook,
      'whsec_…': secret,
      '5e1f…': data.message.id,
    }))
      here.set(shown, real)
  })

  const fences = fencesOf('docs/webhooks.md')
  const commands = fences.flatMap((fence, at) =>
    // Those of `dchat` are run by tests of the command line.
    fence.language === 'sh' && !fence.code.startsWith('dchat ')
      ? [{ command: fence, answer: fences[at + 1] as Fence }]
      : [],
  )
  const localized = (text: string) => [...here].reduce((all, [shown, real]) => all.replaceAll(shown, real), text)
  /** An answer in which `…` is any text. */
  const expected = (value: unknown): unknown => {
    if (value === '…') return expect.any(String)
    if (Array.isArray(value)) return value.map(expected)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, expected(one)]))
  }

  test('are there for every address', () => {
    const text = commands.map(({ command }) => command.code).join('\n')
    for (const address of ['/v1/actions', '/v1/messages/', '/hooks/', 'shop.example']) expect(text).toContain(address)
  })

  test.each(commands.map((one) => [one.command.code.split('\n').at(0), one] as const))(
    '%s …',
    async (_, { command, answer }) => {
      const { stdout } = await promisify(execFile)('sh', ['-c', localized(command.code)])
      expect(JSON.parse(stdout)).toEqual(expected(JSON.parse(localized(answer.code))))
    },
  )
})
