import type { ServerResponse } from 'node:http'
import { Webhook as Official } from 'standardwebhooks'
import { afterEach, describe, expect, test } from 'vitest'
import { createWebhook, type WebhookOptions } from '../../src/gateway/webhook.ts'
import { createWebhookKeyPair, createWebhookSecret, parseWebhookKey } from '../../src/webhooks/keys.ts'
import { createPoster } from '../../src/webhooks/post.ts'
import { replyTokens } from '../../src/webhooks/reply-token.ts'
import { verifyWebhook } from '../../src/webhooks/signature.ts'
import { messageEvent } from '../support/events.ts'
import { listen, type Received } from '../support/http.ts'

const secret = createWebhookSecret()
const pair = createWebhookKeyPair()
const event = messageEvent('a', 1)
const attempt = { attempt: 1, signal: new AbortController().signal }

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

const start = async (
  answer: (received: Received, response: ServerResponse) => unknown,
  options: Partial<WebhookOptions> = {},
) => {
  const server = await listen(answer)
  const poster = createPoster({ allowPrivateTargets: [server.host] })
  open.push(server, poster)
  const unusable: string[] = []
  const webhook = createWebhook({
    ...{ name: 'hook', url: server.url, poster },
    keys: [{ key: parseWebhookKey(secret) }, { key: parseWebhookKey(pair.secret) }],
    onUnusable: (_, error) => unusable.push(error.message),
    ...options,
  })
  return { server, webhook, unusable }
}

const answers =
  (status: number, headers: Record<string, string> = {}, body = '') =>
  (_: Received, response: ServerResponse) =>
    response.writeHead(status, headers).end(body)

test('the official library and our own verify what an endpoint receives', async () => {
  const { server, webhook } = await start(answers(204))
  expect(await webhook.deliver(event, attempt)).toEqual({ state: 'done', status: 204, actions: [] })
  const [{ headers, body }] = server.received as [Received]
  expect(new Official(secret).verify(body, headers)).toEqual(event)
  for (const known of [secret, pair.public]) expect(verifyWebhook(body, headers, [known]).id).toBe('evt_a1')
  expect(headers['content-type']).toBe('application/json')
})

test('a reply token travels with the event', async () => {
  const tokens = replyTokens(new Uint8Array(32))
  const { server, webhook } = await start(answers(200), { replyTokens: tokens })
  await webhook.deliver(event, attempt)
  const { data } = JSON.parse((server.received[0] as Received).body) as {
    data: { reply_token: string; reply_expires_at: string }
  }
  expect(tokens.read(data.reply_token, Date.now())).toMatchObject({ eventId: 'evt_a1', conversation: { id: 'a' } })
  expect(Date.parse(data.reply_expires_at)).toBeGreaterThan(Date.now())
})

describe('an endpoint that', () => {
  test.each([
    [200, {}, { state: 'done', status: 200, actions: [] }],
    [202, {}, { state: 'done', status: 202, actions: [] }],
    [301, { location: 'https://example.com/' }, { state: 'again', status: 301, reason: 'it answered 301' }],
    [400, {}, { state: 'again', status: 400, reason: 'it answered 400' }],
    [410, {}, { state: 'gone', status: 410 }],
    [429, { 'retry-after': '30' }, { state: 'again', status: 429, reason: 'it answered 429', after: 30_000 }],
    [500, {}, { state: 'again', status: 500, reason: 'it answered 500' }],
    [503, { 'retry-after': '5' }, { state: 'again', status: 503, reason: 'it answered 503', after: 5_000 }],
    [500, { 'webhook-delivery': 'abort-message' }, { state: 'dead', status: 500, reason: 'it answered 500' }],
  ] as [number, Record<string, string>, object][])('answers %d with %o', async (status, headers, delivered) => {
    const { webhook } = await start(answers(status, headers))
    expect(await webhook.deliver(event, attempt)).toEqual(delivered)
  })

  test('answers with actions has them done', async () => {
    const body = JSON.stringify({ v: 1, actions: [{ do: 'send', client_id: 'a1', text: 'Where?' }] })
    const { webhook } = await start(answers(200, { 'content-type': 'application/json' }, body))
    expect(await webhook.deliver(event, attempt)).toEqual({
      ...{ state: 'done', status: 200 },
      actions: [{ do: 'send', client_id: 'a1', text: 'Where?', format: 'text' }],
    })
  })

  test('answers garbage has handled the event, and its operator is told', async () => {
    const { webhook, unusable } = await start(answers(200, { 'content-type': 'application/json' }, '{"v":1,"acti'))
    expect(await webhook.deliver(event, attempt)).toEqual({ state: 'done', status: 200 })
    expect(unusable).toEqual(['The webhook "hook" gave no valid answer: it is not JSON.'])
  })

  test('does not answer in time is tried again', async () => {
    const { webhook } = await start(() => undefined, { timeout: 50 })
    expect(await webhook.deliver(event, attempt)).toEqual({
      ...{ state: 'again', reason: 'it did not answer within 50 ms' },
    })
  })

  test('sends its answer byte by byte is cut off too', async () => {
    const { webhook } = await start((_, response) => response.writeHead(200).write('{'), { timeout: 100 })
    expect(await webhook.deliver(event, attempt)).toMatchObject({ state: 'again' })
  })

  test('is not there is tried again', async () => {
    const { webhook, server } = await start(answers(200))
    await server.close()
    expect(await webhook.deliver(event, attempt)).toMatchObject({
      state: 'again',
      reason: expect.stringMatching(/ECONN|SocketError/),
    })
  })

  test('is private is not reached, which is no crash', async () => {
    const { webhook, server } = await start(answers(200), { poster: createPoster() })
    expect(await webhook.deliver(event, attempt)).toMatchObject({
      state: 'again',
      reason: expect.stringMatching(/do not go/),
    })
    expect(server.received).toEqual([])
  })

  test('is stopped in the middle rejects with the reason', async () => {
    const stop = new AbortController()
    const { webhook } = await start(() => stop.abort(new Error('stopped')))
    await expect(webhook.deliver(event, { attempt: 1, signal: stop.signal })).rejects.toThrow('stopped')
  })
})

describe('a ping', () => {
  const echo = ({ body }: Received, response: ServerResponse) => {
    const { type, data } = JSON.parse(body) as { type: string; data: { challenge: string } }
    response.end(JSON.stringify({ challenge: type === 'webhook.ping' ? data.challenge : '' }))
  }

  test('is answered by an endpoint that repeats the challenge, and signed', async () => {
    const { webhook, server } = await start(echo)
    await webhook.ping()
    const [{ headers, body }] = server.received as [Received]
    new Official(secret).verify(body, headers)
  })

  test.each([
    ['says something else', answers(200, {}, '{"challenge":"x"}')],
    ['says nothing', answers(200)],
    ['says null', answers(200, {}, 'null')],
    ['fails', answers(500)],
    ['is gone', answers(410)],
  ])('is an error where the endpoint %s', async (_, answer) => {
    const { webhook } = await start(answer)
    await expect(webhook.ping()).rejects.toMatchObject({ code: 'webhook/bad-answer' })
  })

  test('to a private address is refused', async () => {
    const { webhook } = await start(echo, { poster: createPoster() })
    await expect(webhook.ping()).rejects.toMatchObject({ code: 'webhook/forbidden-target' })
  })
})
