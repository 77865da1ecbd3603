import type { Client } from '@dchat/sdk'
import { DchatError } from '@dchat/sdk/errors'
import { describe, expect, test } from 'vitest'
import { createHandler, type HandlerOptions } from '../../src/incoming/handler.ts'
import { createHookSecret, type IncomingHook } from '../../src/incoming/hook.ts'
import { TEXT_LIMIT } from '../../src/incoming/template.ts'
import { REPLY_TIME, replyTokens } from '../../src/webhooks/reply-token.ts'
import { messageEvent } from '../support/events.ts'
import { simClock } from '../support/sim-clock.ts'

const secret = createHookSecret()
const tokens = replyTokens(new Uint8Array(32).fill(3))

/** A client that says what it is told to, once for each client id. */
const start = (hook: Partial<IncomingHook> = {}, more: Partial<HandlerOptions> = {}) => {
  const clock = simClock()
  const said = new Map<string, { conversation: string; content: object }>()
  const client = {
    conversations: { get: async (id: string) => (id === 'gone' ? undefined : { id, kind: 'dm' }) },
    messages: {
      send: async (conversation: string, content: object, { clientId }: { clientId: string }) => {
        if (!said.has(clientId)) said.set(clientId, { conversation, content })
        return { id: `id of ${[...said.keys()].indexOf(clientId)}` }
      },
      get: async (id: string) =>
        id === 'cd'.repeat(32)
          ? { id, conversation: 'team', at: 0, content: { type: 'text', text: 'whole' } }
          : undefined,
    },
  } as unknown as Client
  const handler = createHandler({
    ...{ client, clock, replyTokens: tokens },
    hooks: [{ name: 'ci', secret, conversation: 'team', ...hook }],
    ...more,
  })
  const contents = () => [...said.values()].map(({ content }) => content)
  return { handler, said, contents, clock }
}

const post = (path: string, body: NonNullable<RequestInit['body']>, headers: Record<string, string> = {}) =>
  new Request(`http://localhost${path}`, { method: 'POST', body, headers })
const hookPost = (content: unknown, headers?: Record<string, string>) =>
  post(`/hooks/${secret}`, JSON.stringify(content), { 'content-type': 'application/json', ...headers })

describe('an incoming webhook', () => {
  test('writes into its conversation', async () => {
    const { handler, said } = start()
    const response = await handler(hookPost({ text: 'The build is red' }))
    expect([response.status, await response.json()]).toEqual([200, { message_id: 'id of 0' }])
    expect([...said.values()]).toEqual([{ conversation: 'team', content: { type: 'text', text: 'The build is red' } }])
  })

  test('takes texts and forms too', async () => {
    const { handler, contents } = start()
    await handler(post(`/hooks/${secret}`, 'plain', { 'content-type': 'text/plain; charset=utf-8' }))
    await handler(post(`/hooks/${secret}`, new URLSearchParams({ text: 'of a form' })))
    expect(contents()).toEqual([
      { type: 'text', text: 'plain' },
      { type: 'text', text: 'of a form' },
    ])
  })

  test('fills its template from the payload, and what is not there is nothing', async () => {
    const { handler, contents } = start({ template: '{{repo.name}} #{{ run }} {{ commits.0.title }}{{nothing.here}}' })
    await handler(hookPost({ repo: { name: 'dchat' }, run: 7, commits: [{ title: 'Fix' }] }))
    expect(contents()).toEqual([{ type: 'text', text: 'dchat #7 Fix' }])
  })

  test('of markdown lets the payload bring no links and no markup', async () => {
    const { handler, contents } = start({ template: '**{{who}}**', format: 'markdown' })
    await handler(hookPost({ who: '[x](https://evil.example) *a*' }))
    expect(contents()).toEqual([{ type: 'markdown', markdown: '**\\[x\\]\\(https\\://evil\\.example\\) \\*a\\***' }])
  })

  test('reads nothing that a payload only inherits', async () => {
    const { handler } = start({ template: '{{constructor.name}}{{__proto__}}{{text.length}}' })
    expect((await handler(hookPost({ text: 'x' }))).status).toBe(400)
  })

  test('cuts what is too long, between characters', async () => {
    const { handler, contents } = start()
    await handler(hookPost({ text: '👋'.repeat(TEXT_LIMIT) }))
    const [{ text }] = contents() as [{ text: string }]
    expect(text.length).toBeLessThanOrEqual(TEXT_LIMIT)
    expect(text).toMatch(/^(👋)+…$/u)
  })

  test.each(['idempotency-key', 'webhook-id'])('says once what is sent twice with the same %s', async (name) => {
    const { handler, said } = start()
    const ids = []
    for (const key of ['k1', 'k1', 'k2'])
      ids.push(await (await handler(hookPost({ text: 'Hi' }, { [name]: key }))).json())
    expect(ids).toEqual([{ message_id: 'id of 0' }, { message_id: 'id of 0' }, { message_id: 'id of 1' }])
    expect(said.size).toBe(2)
  })

  test.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])('refuses %s', async (method) => {
    const { handler, said } = start()
    for (const path of [`/hooks/${secret}`, '/hooks/hook_guess']) {
      const response = await handler(new Request(`http://localhost${path}`, { method }))
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
    }
    expect(said.size).toBe(0)
  })

  test.each([
    ['another secret', 404, () => post(`/hooks/${createHookSecret()}`, '{"text":"x"}')],
    ['another path', 404, () => post('/hook', '{}')],
    ['broken JSON', 400, () => post(`/hooks/${secret}`, '{', { 'content-type': 'application/json' })],
    ['nothing to say', 400, () => hookPost({ text: '  ' })],
    ['a payload that is no object', 400, () => hookPost(null)],
    ['another kind of content', 415, () => post(`/hooks/${secret}`, 'x', { 'content-type': 'image/png' })],
    ['what is not UTF-8', 400, () => post(`/hooks/${secret}`, new Uint8Array([0xff]))],
    ['65,537 bytes', 413, () => hookPost({ text: 'x'.repeat(65_537 - 11) })],
  ])('refuses %s with %d', async (_, status, request) => {
    const { handler, said } = start()
    expect((await handler(request())).status).toBe(status)
    expect(said.size).toBe(0)
  })

  test('refuses a body that hides its length', async () => {
    const { handler } = start()
    const body = new ReadableStream<Uint8Array>({ pull: (stream) => stream.enqueue(new Uint8Array(9000)) })
    const request = new Request(`http://localhost/hooks/${secret}`, {
      method: 'POST',
      body,
      duplex: 'half',
    } as RequestInit)
    expect((await handler(request)).status).toBe(413)
  })

  test('is over when its time is', async () => {
    const { handler, clock } = start({ expiresAt: Date.parse('2026-11-21T00:00:10Z') })
    expect((await handler(hookPost({ text: 'x' }))).status).toBe(200)
    await clock.advance(10_000)
    expect((await handler(hookPost({ text: 'x' }))).status).toBe(410)
  })

  test('keeps the pace: five at once, then one a second, and says when again', async () => {
    const { handler, clock } = start()
    const send = async () => handler(hookPost({ text: 'x' }))
    for (let one = 0; one < 5; one += 1) expect((await send()).status).toBe(200)
    const refused = await send()
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
    await clock.advance(1000)
    expect((await send()).status).toBe(200)
  })

  test('of a conversation that is gone says so', async () => {
    const { handler } = start({ conversation: 'gone' })
    expect((await handler(hookPost({ text: 'x' }))).status).toBe(404)
  })

  test('cannot share a name or a secret with another, nor have one that is guessed', () => {
    const hook = { name: 'a', secret, conversation: 'team' }
    for (const hooks of [
      [hook, { ...hook, secret: createHookSecret() }],
      [hook, { ...hook, name: 'b' }],
      [{ ...hook, secret: 'hook_1' }],
    ])
      expect(() => start({}, { hooks })).toThrow(DchatError)
  })
})

describe('POST /v1/actions', () => {
  const { token } = tokens.issue(messageEvent('team', 1), Date.parse('2026-11-21T00:00:00Z'))
  const send = (text: string) => ({ do: 'send', text })
  const request = (actions: unknown[], headers: Record<string, string> = {}) =>
    post('/v1/actions', JSON.stringify({ v: 1, actions }), {
      ...{ authorization: `Bearer ${token}`, 'idempotency-key': 'k1', 'content-type': 'application/json' },
      ...headers,
    })

  test('acts in the conversation of its event, once for each key', async () => {
    const { handler, said } = start()
    for (let time = 0; time < 2; time += 1) {
      const response = await handler(request([send('Later'), { do: 'none' }]))
      expect([response.status, await response.json()]).toEqual([
        200,
        { v: 1, performed: [{ do: 'send', message_id: 'id of 0' }, { do: 'none' }] },
      ])
    }
    expect([...said].map(([id, { conversation }]) => [id.startsWith('evt_team1/'), conversation])).toEqual([
      [true, 'team'],
    ])
    await handler(request([send('Later')], { 'idempotency-key': 'k2' }))
    expect(said.size).toBe(2)
  })

  test.each([
    ['no token', 401, { authorization: '' }],
    [
      'a token of somebody else',
      401,
      { authorization: `Bearer ${replyTokens(new Uint8Array(32)).issue(messageEvent('team', 1), Date.now()).token}` },
    ],
    ['no key', 400, { 'idempotency-key': '' }],
  ])('refuses %s with %d', async (_, status, headers) => {
    const { handler, said } = start()
    expect((await handler(request([send('x')], headers))).status).toBe(status)
    expect(said.size).toBe(0)
  })

  test('refuses a token whose time is over', async () => {
    const { handler, clock } = start()
    await clock.advance(REPLY_TIME)
    expect((await handler(request([send('x')]))).status).toBe(401)
  })

  test('refuses what is no list of at most ten actions, and tells where it is wrong', async () => {
    const { handler, said } = start()
    const response = await handler(request([send('x'), { do: 'launch' }]))
    expect([response.status, await response.json()]).toEqual([400, { error: expect.stringContaining('actions.1') }])
    expect((await handler(request(Array(11).fill(send('x'))))).status).toBe(400)
    expect(said.size).toBe(0)
  })

  test('keeps the pace: a list that began goes on as soon as it may, a new one is refused', async () => {
    const { handler, said, clock } = start()
    const long = handler(request(Array(7).fill(send('x'))))
    await clock.advance(0)
    expect(said.size).toBe(5)
    expect((await handler(request([send('x')], { 'idempotency-key': 'k2' }))).status).toBe(429)
    await clock.advance(3000)
    expect((await long).status).toBe(200)
    expect(said.size).toBe(7)
  })

  test('is not there without tokens', async () => {
    const { client } = { client: {} as Client }
    expect((await createHandler({ client })(request([send('x')]))).status).toBe(404)
  })
})

describe('GET /v1/messages/<id>', () => {
  const began = Date.parse('2026-11-21T00:00:00Z')
  const tokenFor = (conversation: string) => tokens.issue(messageEvent(conversation, 1), began).token
  const ask = (id: string, token: string, method = 'GET') =>
    new Request(`http://localhost/v1/messages/${id}`, { method, headers: { authorization: `Bearer ${token}` } })

  test('tells a message of the conversation whole', async () => {
    const response = await start().handler(ask('cd'.repeat(32), tokenFor('team')))
    const message = { id: 'cd'.repeat(32), sent_at: '1970-01-01T00:00:00.000Z', kind: 'text', text: 'whole' }
    expect([response.status, await response.json()]).toEqual([200, { v: 1, message }])
  })

  test.each([
    ['a message of another conversation', 404, 'cd'.repeat(32), tokenFor('other'), 'GET'],
    ['one that is not there', 404, 'ef'.repeat(32), tokenFor('team'), 'GET'],
    ['a token that is none', 401, 'cd'.repeat(32), 'rt_', 'GET'],
    ['POST', 405, 'cd'.repeat(32), tokenFor('team'), 'POST'],
    ['what is no id', 404, 'cd', tokenFor('team'), 'GET'],
  ])('refuses %s with %d', async (_, status, id, token, method) => {
    expect((await start().handler(ask(id, token, method))).status).toBe(status)
  })
})
