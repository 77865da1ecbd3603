import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseTimer, timerText } from '../src/io/duration.ts'
import { eventLine, messageFields, messageText } from '../src/io/message-lines.ts'
import { createOutput } from '../src/io/output.ts'
import { indented, jsonLine, oneLine, style } from '../src/io/text.ts'
import type { MessageView } from '../src/methods/types.ts'
import { fakeHost } from './support/host.ts'

const message = (over: Partial<MessageView> = {}): MessageView => ({
  id: 'm1',
  chat: 'c1',
  from: `dchat1${'q'.repeat(40)}`,
  own: false,
  at: Date.UTC(2026, 0, 2, 3, 4, 5),
  state: 'delivered',
  format: 'text',
  text: 'hello',
  cursor: '7',
  ...over,
})

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const DANGEROUS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/

describe('what strangers wrote', () => {
  test('cannot act on a terminal, nor begin a line of its own', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = messageText(message({ text, name: text, own: false }), style(false))
        expect(shown).not.toMatch(DANGEROUS)
        for (const line of shown.split('\n').slice(1)) expect(line).toMatch(/^ {4}/)
        expect(oneLine(text)).not.toContain('\n')
      }),
    )
    expect(indented('a\r\nb')).toBe('a\n    b')
  })

  test('is one JSON line that says exactly the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const line = jsonLine({ text })
        expect(line.slice(0, -1)).not.toMatch(/[\n\u007f-\u009f]/)
        expect(JSON.parse(line)).toEqual({ text })
      }),
    )
  })
})

describe('a message line', () => {
  test('has the fields of the contract, and leaves out what does not apply', () => {
    expect(messageFields(message())).toEqual({
      cursor: '7',
      id: 'm1',
      chat: 'c1',
      from: message().from,
      own: false,
      state: 'delivered',
      format: 'text',
      text: 'hello',
      at: '2026-01-02T03:04:05.000Z',
    })
    const rich = message({
      own: true,
      format: 'unknown',
      mediaType: 'x/y',
      replyTo: 'm0',
      clientId: 'k',
      failure: 'f',
      name: 'bob',
    })
    expect(messageFields(rich)).toMatchObject({
      media_type: 'x/y',
      reply_to: 'm0',
      client_id: 'k',
      failure: 'f',
      name: 'bob',
    })
  })

  test('tells in its fields what became of the message', () => {
    const rich = message({
      group: 'Trip',
      editedAt: 0,
      editions: [{ format: 'text', text: 'helo', at: 1000 }],
      reactions: [{ emoji: '+1', from: ['dchat1a'] }],
      mentions: ['dchat1b'],
      expiresAt: 2000,
      pinned: true,
      forwarded: true,
      quote: { from: 'dchat1c', own: false, text: 'when?' },
      receipts: { delivered: ['dchat1a', 'dchat1b'], read: ['dchat1a'] },
    })
    expect(messageFields(rich)).toMatchObject({
      group: 'Trip',
      edited_at: '1970-01-01T00:00:00.000Z',
      editions: [{ text: 'helo', at: '1970-01-01T00:00:01.000Z' }],
      reactions: [{ emoji: '+1', from: ['dchat1a'] }],
      expires_at: '1970-01-01T00:00:02.000Z',
      pinned: true,
      forwarded: true,
      quote: { from: 'dchat1c', own: false, text: 'when?' },
    })
    const notice = { kind: 'left', by: 'dchat1a' }
    expect(messageFields(message({ format: 'notice', notice }))).toMatchObject({ notice })
    expect(messageFields(message({ format: 'deleted', deletedBy: 'dchat1a' }))).toMatchObject({ deleted_by: 'dchat1a' })
  })

  test('shows people what became of the message', () => {
    const shown = (over: Partial<MessageView>, options = {}): string =>
      messageText(message({ name: 'bob', ...over }), style(false), options).replace(/^(~ )?\S+ \S+ {2}/, '$1')
    expect(shown({ editedAt: 1, pinned: true, forwarded: true })).toBe('bob: hello (forwarded) (edited) (pinned)')
    expect(shown({ expiresAt: Date.UTC(2026, 0, 1) })).toMatch(/^bob: hello \(disappears \d{4}-/)
    expect(shown({ quote: { from: 'x', name: 'zoe', own: false, text: 'a\nb' } })).toBe('bob: hello\n    > zoe: a b')
    expect(shown({ reactions: [{ emoji: '+1', from: ['x', 'y'] }] })).toBe('bob: hello\n    +1 2')
    expect(shown({ group: 'Trip' }, { where: true })).toBe('bob (Trip): hello')
    expect(shown({ group: 'Trip' })).toBe('bob: hello')
    expect(shown({ format: 'notice', text: 'alice left' })).toBe('* alice left')
    expect(shown({ own: true, state: 'sent', receipts: { delivered: ['x'], read: [] } })).toBe(
      'you: hello [sent, 1 have it, 0 read it]',
    )
    expect(shown({ own: true, format: 'deleted', text: 'you deleted this message' })).toBe(
      'you: you deleted this message',
    )
    expect(messageText(message(), style(false), { ids: true })).toMatch(/^m1 {2}/)
  })

  test('names the author, and how far an own one came', () => {
    expect(messageText(message({ name: 'bob' }), style(false))).toMatch(/ {2}bob: hello$/)
    expect(messageText(message(), style(false))).toMatch(/ {2}dchat1qqqqqq…qqqqqq: hello$/)
    expect(messageText(message({ own: true, state: 'sent' }), style(false))).toMatch(/ {2}you: hello \[sent\]$/)
  })
})

describe('colours', () => {
  const shown = async (env: Record<string, string>, plain: boolean, isTTY: boolean, json = false): Promise<string> => {
    const host = fakeHost([], { env })
    const stdout = Object.assign(host.stdout, { isTTY })
    const out = createOutput({ ...host, stdout }, { json, plain, quiet: false, verbose: false })
    await out.result({ x: 1 }, out.style.bold('x'))
    return host.out()
  }

  test('only for a terminal that wants them', async () => {
    expect(await shown({}, false, true)).toBe('\u001b[1mx\u001b[22m\n')
    expect(await shown({ NO_COLOR: '' }, false, true)).toContain('\u001b')
    for (const plain of [
      shown({ NO_COLOR: '1' }, false, true),
      shown({}, true, true),
      shown({}, false, false),
      shown({ TERM: 'dumb' }, false, true),
    ])
      expect(await plain).toBe('x\n')
    expect(await shown({}, false, true, true)).toBe('{"v":1,"ok":true,"data":{"x":1}}\n')
  })
})

describe('stderr', () => {
  const told = (options: { quiet: boolean; verbose: boolean }): string => {
    const host = fakeHost([])
    const out = createOutput(host, { json: false, plain: false, ...options })
    out.note('note')
    out.detail('detail')
    return host.err()
  }

  test('--quiet leaves out the talk, -v adds to it', () => {
    expect(told({ quiet: false, verbose: false })).toBe('note\n')
    expect(told({ quiet: true, verbose: false })).toBe('')
    expect(told({ quiet: false, verbose: true })).toBe('note\ndetail\n')
  })
})

describe('what happens beside messages', () => {
  test('is a line of its own type', () => {
    const invitation = { chat: 'c1', from: 'dchat1a', name: 'alice', title: 'Trip\u001b[2J', people: 3, at: 0 }
    const [type, fields, text] = eventLine({ type: 'invitation', invitation }, style(false), {})
    expect([type, fields]).toEqual(['invitation', { ...invitation, at: '1970-01-01T00:00:00.000Z' }])
    expect(text).toMatch(/ {2}\* alice asks you into "Trip\ufffd\[2J" \(3 people\)\tc1$/)

    const change = eventLine({ type: 'change', changed: ['text'], message: message({ name: 'bob' }) }, style(false), {})
    expect(change[1]).toMatchObject({ changed: ['text'], id: 'm1', text: 'hello' })
    expect(change[2]).toMatch(/ {2}~ bob: hello$/)

    expect(eventLine({ type: 'expired', chat: 'c1', messages: ['m1'] }, style(false), {})).toEqual([
      'expired',
      { chat: 'c1', messages: ['m1'] },
      '',
    ])
  })
})

describe('the time of a timer', () => {
  test('is read in seconds, and told in the largest unit that fits', () => {
    for (const [text, seconds, told] of [
      ['off', 0, undefined],
      ['30s', 30, '30 seconds'],
      ['90m', 5400, '90 minutes'],
      ['12h', 43_200, '12 hours'],
      ['1d', 86_400, '1 day'],
      ['4w', 2_419_200, '4 weeks'],
    ] as const) {
      expect(parseTimer(text, 'time')).toBe(seconds)
      if (told !== undefined) expect(timerText(seconds)).toBe(told)
    }
    for (const text of ['', '0d', '5', '1.5d', '-1d', '1y', 'on'])
      expect(() => parseTimer(text, 'time')).toThrow('"time"')
  })
})
