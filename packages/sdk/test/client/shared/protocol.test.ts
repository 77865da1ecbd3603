import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromOwner, fromTab, parseReceived } from '../../../src/client/shared/protocol.ts'
import { errorFromWire, errorToWire } from '../../../src/client/shared/wire-error.ts'
import { DchatError, ERRORS, type ErrorCode } from '../../../src/errors.ts'
import { CHAT, textOf } from './model.ts'
import { LOCK, Stage, settle } from './support.ts'

const names = ['claim', 'ready', 'facts', 'bye', 'welcome', 'pong', 'unknown', 'result', 'failure', 'end']
const tabs = ['hello', 'ping', 'gone', 'call', 'open', 'next', 'cancel']
const methods = ['messages.send', 'messages.stream', 'constructor', '__proto__', 'toString', 'client.close', 'events']

/** Something that looks like a message of the protocol, with fields that may be anything. */
const almost = (terms: readonly string[], ids: readonly string[]) =>
  fc
    .record(
      {
        dchat: fc.constantFrom<unknown>(1, 1, 1, 1, 2, '1'),
        from: fc.constantFrom<unknown>('owner', 'tab', 'tab', 'nobody'),
        type: fc.constantFrom(...names, ...tabs, '__proto__', 'constructor'),
        term: fc.oneof(fc.constantFrom(...terms), fc.string()),
        to: fc.oneof(fc.constantFrom(...ids), fc.string()),
        tab: fc.oneof(fc.constantFrom(...ids), fc.string()),
        id: fc.oneof(fc.nat(8), fc.anything()),
        method: fc.oneof(fc.constantFrom(...methods), fc.string()),
        args: fc.oneof(fc.array(fc.anything(), { maxLength: 4 }), fc.anything()),
        online: fc.oneof(fc.boolean(), fc.anything()),
        value: fc.anything(),
        error: fc.oneof(
          fc.record({ code: fc.constantFrom(...Object.keys(ERRORS)), details: fc.object(), hint: fc.anything() }),
          fc.anything(),
        ),
        facts: fc.anything(),
      },
      { requiredKeys: ['dchat', 'from', 'type'] },
    )
    .filter((message) => {
      // An owner of another version ends what is attached: that is another test.
      if (message.from === 'owner' && message.dchat === 2) return false
      try {
        structuredClone(message)
        return true
      } catch {
        return false
      }
    })

test('what is said is understood, and anything else is nothing or a stranger', () => {
  const said = { type: 'call', term: 't', tab: 'a', id: 1, method: 'messages.send', args: [1] } as const
  expect(parseReceived(fromTab(said))).toMatchObject({ from: 'tab', message: said })
  const answer = { type: 'result', term: 't', to: 'a', id: 1, value: undefined } as const
  expect(parseReceived(structuredClone(fromOwner(answer)))).toMatchObject({ from: 'owner', message: answer })
  expect(parseReceived({ dchat: 7, from: 'owner', type: 'whatever' })).toEqual({ from: 'owner', version: 7 })
  expect(parseReceived({ ...(fromTab(said) as object), from: 'owner' })).toBeUndefined()
  expect(parseReceived({ ...(fromTab(said) as object), id: -1 })).toBeUndefined()
  fc.assert(
    fc.property(fc.anything(), (data) => {
      expect(parseReceived(data)).toBeUndefined()
    }),
  )
})

test('errors keep their code, details and hint; those that nobody knows are told as such', () => {
  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    const given = { code, details: {}, hint: 'try again' }
    expect(errorFromWire(given)).toBeInstanceOf(DchatError)
  }
  const full = new DchatError('storage/full', { store: 'x' }, { hint: 'make room' })
  const back = errorFromWire(structuredClone(errorToWire(full)))
  expect(back).toMatchObject({ code: 'storage/full', details: { store: 'x' }, hint: 'make room', retryable: true })
  expect(errorFromWire({ code: 'made/up', details: {}, hint: '' }).code).toBe('internal/unexpected')
  expect(errorFromWire({ code: 'constructor', details: {}, hint: '' }).code).toBe('internal/unexpected')
  expect(errorFromWire(errorToWire(new TypeError('oops'))).code).toBe('internal/unexpected')
})

test('whatever a program of the same origin says on the channel, tabs go on', async () => {
  const stage = new Stage()
  const first = await stage.client(stage.tab())
  const second = await stage.client(stage.tab())
  const heard: { readonly term?: string; readonly to?: string; readonly tab?: string }[] = []
  const channel = stage.tab().channels.open(LOCK)
  channel.listen((message) => heard.push(message as (typeof heard)[number]))
  await second.messages.send(CHAT, 'before')
  const terms = [...new Set(heard.flatMap(({ term }) => (term === undefined ? [] : [term])))]
  const ids = [...new Set(heard.flatMap(({ to, tab }) => [to, tab].filter((id) => id !== undefined)))]
  expect([terms.length > 0, ids.length > 0]).toEqual([true, true])
  const reading = second.messages.stream()[Symbol.asyncIterator]()
  const next = reading.next()
  await fc.assert(
    fc.asyncProperty(fc.array(almost(['none'], ['nobody', ...ids]), { maxLength: 12 }), async (messages) => {
      for (const message of messages) channel.post(message)
      await settle(2)
    }),
    { numRuns: 60 },
  )
  // A forged claim may have been believed: the true owner is found again as soon as it says a word.
  const { term } = heard.find((message) => message.term !== undefined && terms.includes(message.term)) ?? {}
  channel.post(fromOwner({ type: 'ready', term: term as string }))
  await settle()
  expect(textOf(await first.messages.send(CHAT, 'first'))).toBe('first')
  expect(textOf(await second.messages.send(CHAT, 'after'))).toBe('after')
  stage.store.arrive('arrived')
  expect(textOf((await next).value)).toBe('arrived')
  expect(stage.store.written.filter((text) => text === 'after')).toHaveLength(1)
})
