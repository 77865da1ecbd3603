import { toHex } from '@dchat/sdk/wire'
import { expect, onTestFinished, test } from 'vitest'
import { TestClient } from './support/client.ts'
import { type Program, serve, useProgram } from './support/process.ts'
import { tempDir } from './support/temp.ts'
import { type TestTopic, testTopic } from './support/topic.ts'

const program = useProgram()

/** Times that the program is replaced by its next version. */
const ROUNDS = 3
const WRITERS = 6

/** One that writes without end, waits when it is told to, and goes on with what was not acknowledged. */
const writer = (url: () => string, topic: TestTopic, stop: AbortSignal) => {
  const acknowledged = new Map<number, string>()
  const goodbyes: number[] = []
  const run = async (): Promise<void> => {
    let next: ReturnType<TestTopic['message']> | undefined
    for (let count = 0; !stop.aborted; ) {
      const client = await TestClient.connect(url()).catch(() => undefined)
      if (client === undefined) {
        await new Promise((resolve) => setTimeout(resolve, 20))
        continue
      }
      try {
        await client.prove('topic', topic.id, topic.seed(0))
        const create = await topic.create()
        while (!stop.aborted) {
          // The same entry again after a loss: its reference is known, or it is not.
          next ??= topic.message(0, `message ${++count}`)
          const { receipts } = await client.request('topic.publish', { topic: topic.id, create, entries: [next] })
          for (const { seq, entry } of receipts) acknowledged.set(seq, toHex(entry))
          next = undefined
        }
      } catch {
        for (const frame of client.frames) if (frame.type === 'goodbye') goodbyes.push(frame.retryAfter)
      }
      client.socket.terminate()
    }
  }
  return { acknowledged, goodbyes, ended: run() }
}

test('SIGTERM under load, over and over: clients are told, come back to the next process, and nothing acknowledged is lost', async () => {
  const data = await tempDir()
  const start = (port: string): Promise<Program> =>
    serve(program.file, ['--port', port, '--log-level', 'silent', '--data', data])
  let running = await start('0')
  onTestFinished(() => void running.child.kill('SIGKILL'))
  const { url } = running
  const { port } = new URL(url)
  const stop = new AbortController()
  const topics = await Promise.all(Array.from({ length: WRITERS }, testTopic))
  const writers = topics.map((topic) => writer(() => url, topic, stop.signal))
  const grown = async () => {
    const before = writers.map(({ acknowledged }) => acknowledged.size)
    await expect
      .poll(() => writers.every(({ acknowledged }, index) => acknowledged.size >= (before[index] ?? 0) + 5))
      .toBe(true)
  }
  await grown()
  for (let round = 0; round < ROUNDS; round++) {
    running.child.kill('SIGTERM')
    expect(await running.exit).toEqual({ code: 0, signal: null })
    running = await start(port)
    await grown()
  }
  stop.abort()
  await Promise.all(writers.map(({ ended }) => ended))
  expect(writers.flatMap(({ goodbyes }) => goodbyes).length).toBeGreaterThan(0)

  const reader = await TestClient.connect(url)
  for (const [index, topic] of topics.entries()) {
    await reader.prove('topic', topic.id, topic.seed(0))
    const stored: { readonly seq: number; readonly entry: string; readonly reference: string }[] = []
    for (let page = 1; page > 0; ) {
      const after = stored.at(-1)?.seq ?? 0
      const { entries } = await reader.request('topic.read', { topic: topic.id, after, limit: 256 })
      for (const { receipt, reference } of entries)
        stored.push({ seq: receipt.seq, entry: toHex(receipt.entry), reference: toHex(reference) })
      page = entries.length
    }
    const held = new Map(stored.map(({ seq, entry }) => [seq, entry]))
    const acknowledged = [...(writers[index]?.acknowledged ?? [])]
    expect(acknowledged.filter(([seq, entry]) => held.get(seq) !== entry)).toEqual([])
    // What was sent again stands there once, and the places have no gap.
    expect(new Set(stored.map(({ reference }) => reference)).size).toBe(stored.length)
    expect(stored.map(({ seq }) => seq)).toEqual(stored.map((_, at) => at + 1))
  }
  await reader.close()
  running.child.kill('SIGTERM')
  expect((await running.exit).code).toBe(0)
})
