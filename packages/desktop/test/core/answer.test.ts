import { DchatError } from '@dchat/sdk/errors'
import { describe, expect, test } from 'vitest'
import { answerWith, type Handlers } from '../../src/core/answer.ts'
import { CALLS, PART, reply } from '../../src/core/ipc.ts'

const called: unknown[] = []
const nothing = (params: unknown): void => void called.push(params)
const handlers: Handlers = {
  about: () => ({ version: '1', boundTo: 'this test', notifies: true }),
  suggestions: () => ({ relays: [] }),
  'secrets.wrap': (bytes) => bytes.toReversed(),
  'secrets.unwrap': () => {
    throw new DchatError('storage/corrupt', { store: 'system', reason: 'a test' })
  },
  'notifications.show': nothing,
  'notifications.clear': nothing,
  'files.save': async () => undefined,
  'files.write': nothing,
  'files.finish': nothing,
  'files.abandon': nothing,
  'files.open': async () => {
    throw new Error('ENOENT: /home/ann/secret.txt')
  },
  'files.read': () => new Uint8Array(),
  'links.open': nothing,
  'links.take': () => ['dchat:x'],
  'updates.state': () => 'none',
  'updates.install': nothing,
  badge: nothing,
}
const answer = answerWith(handlers)

describe('a call of the page', () => {
  test('is answered with what its handler gives', async () => {
    expect(await answer('about', undefined)).toEqual({
      ok: true,
      value: { version: '1', boundTo: 'this test', notifies: true },
    })
    expect(await answer('secrets.wrap', Uint8Array.of(1, 2))).toEqual({ ok: true, value: Uint8Array.of(2, 1) })
  })

  test('that is in no table reaches no handler, whatever it is called', async () => {
    for (const name of ['nothing', 'constructor', '__proto__', 'toString', '', 1, undefined, null, {}])
      expect(await answer(name, undefined)).toMatchObject({ ok: false, code: 'usage/invalid-argument' })
  })

  test.each([
    ['secrets.wrap', 'text'],
    ['secrets.wrap', [1, 2]],
    ['secrets.wrap', new Uint8Array(PART + 1)],
    ['notifications.show', { id: '', title: 't', body: 'b' }],
    ['notifications.show', { id: 'a', title: 't' }],
    ['files.read', { id: 'a', from: -1 }],
    ['files.read', { id: 'a', from: 0.5 }],
    ['links.open', `https://a.example/${'a'.repeat(5000)}`],
    ['badge', Number.NaN],
    ['about', {}],
  ])('%s with %o is refused before its handler', async (name, params) => {
    called.length = 0
    expect(await answer(name, params)).toMatchObject({ ok: false, code: 'usage/invalid-argument' })
    expect(called).toEqual([])
  })

  test('that fails tells the code and what belongs to it, and of other failures nothing', async () => {
    const known = await answer('secrets.unwrap', new Uint8Array())
    expect(known).toEqual({ ok: false, code: 'storage/corrupt', details: { store: 'system', reason: 'a test' } })
    const unknown = await answer('files.open', '')
    expect(unknown).toMatchObject({ ok: false, code: 'internal/unexpected' })
    expect(JSON.stringify(unknown)).not.toContain('ann')
    for (const each of [known, unknown]) expect(reply.safeParse(each).success).toBe(true)
  })

  test('has a handler for each entry of the table', () => {
    expect(Object.keys(handlers).toSorted()).toEqual(Object.keys(CALLS).toSorted())
  })
})
