import { Readable } from 'node:stream'
import { isDchatError } from '@dchat/sdk/errors'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readLines } from '../src/io/lines.ts'
import { parseLine } from '../src/jsonl/parse-line.ts'
import { pipeline } from '../src/jsonl/pipeline.ts'
import type { LineResult } from '../src/jsonl/send-lines.ts'
import { LINES_IN_FLIGHT, sendLines } from '../src/jsonl/send-lines.ts'
import type { MessageView, SendParams } from '../src/methods/types.ts'

const sent = ({ clientId, text }: SendParams): MessageView => ({
  id: `id-${clientId}`,
  chat: 'c',
  from: 'me',
  own: true,
  at: 0,
  state: 'sent',
  format: 'text',
  text,
})

const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

describe('lines', () => {
  test('are the same however the bytes were cut', async () => {
    const text = fc.array(
      fc.string({ unit: 'grapheme' }).map((line) => line.replaceAll('\n', '')),
      { maxLength: 8 },
    )
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 1, max: 7 }), async (lines, size) => {
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''))
        const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
          bytes.subarray(i * size, (i + 1) * size),
        )
        const read = await collect(readLines(Readable.from(chunks), 1000))
        expect(read).toEqual(lines.map((line, i) => ({ number: i + 1, text: line })))
      }),
    )
  })

  test('a last line needs no newline; one that is too long or no UTF-8 is named and skipped', async () => {
    const bytes = Buffer.concat([Buffer.from('123456\nab\n'), Buffer.from([0xff, 10]), Buffer.from('end')])
    const read = await collect(readLines(Readable.from([bytes.subarray(0, 3), bytes.subarray(3)]), 5))
    expect(read.map(({ text }) => text)).toEqual([undefined, 'ab', undefined, 'end'])
  })
})

describe('one line of send --jsonl', () => {
  test('names chat, text and client id', () => {
    expect(parseLine('{"chat":"bob","text":"hi","client_id":"1","other":2}', undefined)).toEqual({
      chat: 'bob',
      text: 'hi',
      clientId: '1',
    })
    expect(parseLine('{"to":"bob","text":"*hi*","markdown":true,"reply_to":"x"}', 'eve')).toEqual({
      chat: 'bob',
      text: '*hi*',
      format: 'markdown',
      replyTo: 'x',
    })
    expect(parseLine('{"text":"hi"}', 'bob').chat).toBe('bob')
  })

  test.each([
    '',
    '{',
    '[]',
    'null',
    '"x"',
    '1',
    '{}',
    '{"chat":"b"}',
    '{"chat":1,"text":"x"}',
    '{"chat":"b","text":""}',
    '{"chat":"b","text":1}',
    '{"chat":"b","text":"x","client_id":7}',
    '{"chat":"b","text":"x","markdown":"yes"}',
    '{"text":"x"}',
  ])('%j is refused', (line) => {
    expect(() => parseLine(line, undefined)).toThrow(expect.objectContaining({ code: 'usage/invalid-argument' }))
  })

  test('whatever it is, nothing but a usage error comes of it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (line) => {
        try {
          expect(parseLine(line, 'bob')).toMatchObject({ chat: expect.any(String), text: expect.any(String) })
        } catch (error) {
          expect(isDchatError(error, 'usage/invalid-argument')).toBe(true)
        }
      }),
    )
  })
})

describe('the pipeline', () => {
  test('keeps the order whatever ends first, and never has more than its window in flight', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(5), { maxLength: 40 }),
        fc.integer({ min: 1, max: 5 }),
        async (delays, window) => {
          let inFlight = 0
          let most = 0
          const written: number[] = []
          await pipeline({
            input: (async function* () {
              yield* delays.keys()
            })(),
            start: async (index) => {
              most = Math.max(most, ++inFlight)
              for (let turn = 0; turn < (delays[index] ?? 0); turn++) await Promise.resolve()
              return index
            },
            write: async (index) => {
              await Promise.resolve()
              written.push(index)
              inFlight -= 1
            },
            window,
          })
          expect(written).toEqual([...delays.keys()])
          expect(most).toBeLessThanOrEqual(window)
        },
      ),
    )
  })

  test('hands out a result before the input ends', async () => {
    let release = (): void => {}
    const seen = new Promise<void>((resolve) => {
      release = resolve
    })
    const written: number[] = []
    await pipeline({
      input: (async function* () {
        yield 1
        await seen
        yield 2
      })(),
      start: async (n) => n,
      write: async (n) => {
        written.push(n)
        release()
      },
      window: 10,
    })
    expect(written).toEqual([1, 2])
  })

  test('stops reading when the results cannot be written', async () => {
    let taken = 0
    const endless = (async function* () {
      for (;;) yield taken++
    })()
    const broken = pipeline({
      input: endless,
      start: async (n) => n,
      write: () => Promise.reject(new Error('gone')),
      window: 4,
    })
    await expect(broken).rejects.toThrow('gone')
    expect(taken).toBeLessThan(20)
  })
})

describe('send --jsonl', () => {
  const sendAll = async (
    input: string,
    send: (params: SendParams) => Promise<MessageView> = async (params) => sent(params),
  ) => {
    const results: LineResult[] = []
    const write = async (result: LineResult): Promise<void> => void results.push(result)
    const signal = new AbortController().signal
    const error = await sendLines({
      input: Readable.from([Buffer.from(input)]),
      chat: undefined,
      send,
      write,
      signal,
    }).catch((reason: unknown) => reason)
    return { results, error }
  }

  test('answers each line in file order, with its client id', async () => {
    const input = Array.from(
      { length: LINES_IN_FLIGHT * 2 },
      (_, i) => `{"chat":"b","text":"t${i}","client_id":"${i}"}\n`,
    )
    const { results, error } = await sendAll(input.join(''))
    expect(error).toBeUndefined()
    expect(results).toEqual(
      input.map((_, i) => ({ line: i + 1, ok: true, client_id: `${i}`, id: `id-${i}`, chat: 'c', state: 'sent' })),
    )
  })

  test('a bad line is an error with its number; the others are sent, and the end says so', async () => {
    const { results, error } = await sendAll(
      '{"chat":"b","text":"x","client_id":"1"}\n\nnonsense\n{"chat":"b","text":"y","client_id":"2"}\n',
    )
    expect(results.map(({ line, ok }) => [line, ok])).toEqual([
      [1, true],
      [3, false],
      [4, true],
    ])
    expect(results[1]?.error?.code).toBe('usage/invalid-argument')
    expect(error).toMatchObject({ code: 'usage/partial', details: { failed: 1, total: 3 } })
  })

  test('a line without a client id gets one, so that a repetition is no second message', async () => {
    const ids: (string | undefined)[] = []
    const { results } = await sendAll('{"chat":"b","text":"x"}\n{"chat":"b","text":"x"}\n', async (params) => {
      ids.push(params.clientId)
      return sent(params)
    })
    expect(new Set(ids).size).toBe(2)
    expect(ids).not.toContain(undefined)
    expect(results.map((result) => 'client_id' in result)).toEqual([false, false])
  })
})
