import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { messageFields, messageText } from '../src/io/message-lines.ts'
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
