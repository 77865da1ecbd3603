import { expect, test } from 'vitest'
import { readAnswer, retryAfter } from '../../src/webhooks/answer.ts'

const answer = (body: string | Uint8Array | undefined, type?: string) =>
  readAnswer({
    header: (name) => (name === 'content-type' ? type : undefined),
    ...(body !== undefined && { body: typeof body === 'string' ? Buffer.from(body) : body }),
  })
const json = 'application/json; charset=utf-8'
const send = { do: 'send', text: 'Hello' }

test.each([
  ['nothing', '', json],
  ['a word', 'OK', 'text/plain'],
  ['a page', '<html></html>', 'text/html'],
  ['no actions', '{"v":1,"actions":[]}', json],
  ['bytes of another kind', new Uint8Array([0xff, 0xfe]), 'image/png'],
])('%s is no action', (_, body, type) => expect(answer(body, type)).toEqual({ actions: [] }))

test.each([
  ['without a content type', undefined],
  ['as JSON', json],
  ['as JSON of a kind', 'application/x+json'],
])('actions are read %s', (_, type) => {
  expect(answer(JSON.stringify({ v: 1, actions: [send] }), type)).toEqual({ actions: [{ ...send, format: 'text' }] })
})

test.each([
  ['broken JSON', '{"v":1,', undefined],
  ['a word that says that it is JSON', 'OK', json],
  ['what is not UTF-8', new Uint8Array([0xff, 0xfe]), json],
  ['another version', '{"v":2,"actions":[]}', json],
  ['eleven actions', JSON.stringify({ v: 1, actions: Array(11).fill(send) }), json],
  ['an action that nobody knows', '{"v":1,"actions":[{"do":"launch"}]}', json],
  ['more than is read', undefined, json],
])('%s is unusable', (_, body, type) => expect(answer(body, type)).toHaveProperty('unusable'))

test('retry-after is seconds or a date', () => {
  const now = Date.parse('2026-11-21T12:00:00Z')
  expect(retryAfter('120', now)).toBe(120_000)
  expect(retryAfter('Sat, 21 Nov 2026 12:01:00 GMT', now)).toBe(60_000)
  expect(retryAfter('Sat, 21 Nov 2026 11:00:00 GMT', now)).toBe(0)
  for (const value of [undefined, 'soon', '-5']) expect(retryAfter(value, now) ?? 0).toBe(0)
})
