import { DchatError, isDchatError } from '@dchat/sdk/errors'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readLines } from '../src/io/lines.ts'
import type { Connection } from '../src/rpc/connection.ts'
import { OwnerGone, openConnection } from '../src/rpc/connection.ts'
import { decodeMessage, LINE_LIMIT, WINDOW } from '../src/rpc/message.ts'
import type { Dispatcher } from '../src/rpc/serve.ts'
import { serveConnection } from '../src/rpc/serve.ts'
import { duplexPair } from './support/duplex-pair.ts'

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const dispatcher = (over: Partial<Dispatcher> = {}): Dispatcher => ({
  kind: (method) => (method === 'echo' ? 'call' : method === 'listen' ? 'stream' : undefined),
  call: async (_method, params) => params,
  async *stream(_method, _params, signal) {
    for (let n = 0; !signal.aborted; n++) yield n
  },
  ...over,
})

const connected = (served: Dispatcher): { connection: Connection; stop: AbortController; done: Promise<void> } => {
  const [near, far] = duplexPair()
  const stop = new AbortController()
  const done = serveConnection(far, served, stop.signal)
  return { connection: openConnection(near), stop, done }
}

/** One raw line to a server, and what it answers. */
const raw = async (text: string | Uint8Array, served = dispatcher()): Promise<string[]> => {
  const [near, far] = duplexPair()
  const done = serveConnection(far, served, new AbortController().signal)
  near.end(text)
  const answers: string[] = []
  for await (const line of readLines(near, LINE_LIMIT * 2)) answers.push(line.text ?? '')
  await done
  return answers
}

describe('JSON-RPC on the local socket', () => {
  test('a call is answered, also many at once and out of order', async () => {
    const gates: (() => void)[] = []
    const { connection } = connected(
      dispatcher({
        call: async (_method, params) => {
          await new Promise<void>((resolve) => gates.push(resolve))
          return params
        },
      }),
    )
    const answers = Promise.all([1, 2, 3].map((n) => connection.ask('echo', { n })))
    while (gates.length < 3) await settled()
    for (const open of gates.reverse()) open()
    expect(await answers).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
    connection.close()
  })

  test('an error arrives as the error it was, with its hint', async () => {
    const { connection } = connected(
      dispatcher({
        call: () =>
          Promise.reject(new DchatError('identity/unknown-peer', { peer: 'zoe', hint: 'h' }, { hint: 'ask' })),
      }),
    )
    const error = await connection.ask('echo', {}).catch((reason: unknown) => reason)
    expect(isDchatError(error, 'identity/unknown-peer')).toBe(true)
    expect(error).toMatchObject({ message: 'Nobody is known as "zoe".', hint: 'ask', details: { peer: 'zoe' } })
    connection.close()
  })

  test('an unknown method is refused', async () => {
    const { connection } = connected(dispatcher())
    await expect(connection.ask('toString', {})).rejects.toMatchObject({ code: 'internal/unexpected' })
    connection.close()
  })

  test('a stream runs no further ahead of its reader than the window', async () => {
    let made = 0
    const { connection } = connected(
      dispatcher({
        async *stream() {
          for (;;) yield made++
        },
      }),
    )
    const counted = connection.stream('listen', {}) as AsyncIterable<unknown> as AsyncIterable<number>
    const seen: number[] = []
    for await (const n of counted) {
      seen.push(n)
      await settled()
      expect(made).toBeLessThanOrEqual(seen.length + WINDOW + 1)
      if (seen.length === WINDOW * 3) break
    }
    expect(seen).toEqual([...Array(WINDOW * 3).keys()])
    connection.close()
  })

  test('a reader that stops cancels the stream, and an aborted call is cancelled with its own reason', async () => {
    let ended = (): void => {}
    const cancelled = new Promise<void>((resolve) => {
      ended = resolve
    })
    const waiting = (signal: AbortSignal): Promise<never> =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          ended()
          reject(signal.reason)
        })
      })
    const { connection } = connected(dispatcher({ call: (_method, _params, signal) => waiting(signal) }))
    const abort = new AbortController()
    const asked = connection.ask('echo', {}, { signal: abort.signal })
    const reason = new Error('enough')
    await settled()
    abort.abort(reason)
    await expect(asked).rejects.toBe(reason)
    await cancelled
    connection.close()
  })

  test('a request that is longer than a line may be is refused before it is sent', async () => {
    const { connection } = connected(dispatcher())
    const text = '\n'.repeat(LINE_LIMIT / 2)
    await expect(connection.ask('echo', { text })).rejects.toMatchObject({ code: 'protocol/too-large' })
    expect(await connection.ask('echo', { text: 'short' })).toEqual({ text: 'short' })
    connection.close()
  })

  test('when the owner goes, everything that waits is told', async () => {
    const { connection, stop, done } = connected(dispatcher({ call: () => new Promise(() => {}) }))
    const asked = connection.ask('echo', {})
    await settled()
    stop.abort()
    await expect(asked).rejects.toBeInstanceOf(OwnerGone)
    await done
    await expect(connection.ask('echo', {})).rejects.toBeInstanceOf(OwnerGone)
  })
})

describe('garbage on the local socket', () => {
  test('gets an error, not a crash, and what follows is still answered', async () => {
    const garbage = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc
        .record(
          {
            jsonrpc: fc.constantFrom('2.0', '1.0', 2),
            id: fc.oneof(fc.integer(), fc.string(), fc.constant(null), fc.object()),
            method: fc.constantFrom('echo', 'listen', 'cancel', 'more', 'constructor', '__proto__', 7),
            params: fc.jsonValue(),
            result: fc.jsonValue(),
            error: fc.jsonValue(),
          },
          { requiredKeys: [] },
        )
        .map((value) => JSON.stringify(value)),
    )
    const served = dispatcher({
      async *stream() {
        yield 1
      },
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          garbage.map((text) => text.replaceAll('\n', ' ')),
          { maxLength: 6 },
        ),
        async (lines) => {
          const last = '{"jsonrpc":"2.0","id":"last-one","method":"echo","params":{"fine":true}}'
          const answers = await raw([...lines, last].map((line) => `${line}\n`).join(''), served)
          for (const answer of answers)
            expect(['result', 'failure', 'notification']).toContain(decodeMessage(answer).kind)
          expect(answers).toContain('{"jsonrpc":"2.0","id":"last-one","result":{"fine":true}}')
        },
      ),
      { numRuns: 300 },
    )
  })

  test('a line without end is dropped without being kept', async () => {
    const answers = await raw(Buffer.alloc(LINE_LIMIT * 3, 'x'))
    expect(answers).toEqual(['{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"this is not JSON"}}'])
  })

  test('deep nesting does no harm', async () => {
    const answers = await raw(`${'['.repeat(200_000)}${']'.repeat(200_000)}\n`)
    expect(answers).toHaveLength(1)
  })

  test('answers of strangers to questions that nobody asked are ignored by a client', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue(), { maxLength: 5 }), async (values) => {
        const [near, far] = duplexPair()
        const connection = openConnection(near)
        const asked = connection.ask('echo', {})
        for (const value of values) far.write(`${JSON.stringify(value)}\n{"jsonrpc":"2.0","id":99,"result":1}\n`)
        far.write('{"jsonrpc":"2.0","id":1,"result":"mine"}\n')
        expect(await asked).toBe('mine')
        connection.close()
      }),
      { numRuns: 50 },
    )
  })
})
