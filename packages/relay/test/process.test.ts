import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { toHex } from '@dchat/sdk/wire'
import { expect, test } from 'vitest'
import { TestClient } from './support/client.ts'
import { runToEnd, serve, useProgram } from './support/process.ts'
import { tempDir } from './support/temp.ts'
import { testTopic } from './support/topic.ts'

const program = useProgram()
const quiet = ['--port', '0', '--log-level', 'silent']

test('kill -9 after a receipt loses nothing that was acknowledged, several times over', async () => {
  const data = await tempDir()
  const topic = await testTopic()
  const acknowledged = new Map<number, string>()
  let relayKey = ''
  for (let round = 1; round <= 4; round++) {
    const relay = await serve(program.file, [...quiet, '--data', data])
    const client = await TestClient.connect(relay.url)
    relayKey ||= toHex(client.welcome.relayKey)
    expect(toHex(client.welcome.relayKey)).toBe(relayKey)
    await client.prove('topic', topic.id, topic.seed(0))
    const create = await topic.create()
    // Many in flight: those without a receipt at the moment of the kill may be there or not, never in between.
    const last = new Promise<void>((resolve) => {
      for (let i = 0; i < 200; i++) {
        const entry = topic.message(0, `round ${round}, message ${i}`)
        client.request('topic.publish', { topic: topic.id, create, entries: [entry] }).then(
          ({ receipts }) => {
            for (const { seq, entry: hash } of receipts) acknowledged.set(seq, toHex(hash))
            if (i === 50) resolve()
          },
          () => undefined,
        )
      }
    })
    await last
    relay.child.kill('SIGKILL')
    await relay.exit
    await client.closed
  }
  const relay = await serve(program.file, [...quiet, '--data', data])
  const client = await TestClient.connect(relay.url)
  await client.prove('topic', topic.id, topic.seed(0))
  const { seq: head } = await client.request('topic.head', { topic: topic.id })
  const stored = new Map<number, string>()
  while (stored.size < head) {
    const { entries } = await client.request('topic.read', { topic: topic.id, after: stored.size, limit: 256 })
    for (const { receipt } of entries) stored.set(receipt.seq, toHex(receipt.entry))
  }
  expect(acknowledged.size).toBeGreaterThanOrEqual(4 * 51)
  expect([...acknowledged].filter(([seq, hash]) => stored.get(seq) !== hash)).toEqual([])
  relay.child.kill('SIGKILL')
  await relay.exit
})

test('SIGTERM says goodbye, finishes what is in work, and ends with exit code 0', async () => {
  const relay = await serve(program.file, [...quiet, '--data', await tempDir()])
  const client = await TestClient.connect(relay.url)
  const topic = await testTopic()
  await client.prove('topic', topic.id, topic.seed(0))
  const create = await topic.create()
  const published = Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      client.request('topic.publish', { topic: topic.id, create, entries: [topic.message(0, `message ${i}`)] }),
    ),
  )
  await published
  relay.child.kill('SIGTERM')
  const goodbye = await client.frame(({ type }) => type === 'goodbye')
  expect(goodbye).toMatchObject({ reason: 'shutting-down', retryAfter: expect.any(Number) })
  expect(await client.closed).toBe(1001)
  expect(await relay.exit).toEqual({ code: 0, signal: null })
})

test('wrong use is one sentence with a remedy and the right exit code', async () => {
  const data = await tempDir()
  const relay = await serve(program.file, [...quiet, '--data', data])
  const port = new URL(relay.url).port
  const inUse = await runToEnd(program.file, [...quiet, '--data', data])
  expect(inUse.code).toBe(10)
  expect(inUse.stderr).toMatch(/in use by another relay process.*--data/s)
  const taken = await runToEnd(program.file, ['--data', await tempDir(), '--log-level', 'silent', '--port', port])
  expect(taken.code).toBe(3)
  expect(taken.stderr).toMatch(/the port is in use.*--port/s)
  relay.child.kill('SIGTERM')
  expect((await relay.exit).code).toBe(0)

  expect(await runToEnd(program.file, ['--nonsense'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('nonsense'),
  })
  expect(await runToEnd(program.file, ['--retention-days', '-1'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('retentionDays'),
  })
  const file = join(await tempDir(), 'relay.json')
  await writeFile(file, JSON.stringify({ limits: { burst: 1 } }))
  expect(await runToEnd(program.file, ['--config', file])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('limits'),
  })
})

test.each([
  [['--prot', '1'], 'There is no "prot"; "--port" is one.'],
  [['check-config', '--retention-day', '3'], 'There is no "retention-day"; "--retention-days" is one.'],
  [['chek-config'], 'There is no "chek-config"; "check-config" is one.'],
  [['invite', 'creat'], 'There is no "creat"; "create" is one.'],
  [['--frobnicate'], 'There is no "frobnicate".'],
  [['--port', 'many'], '--port takes a number.'],
])('%j is refused with what may have been meant, in whatever language the machine speaks', async (argv, words) => {
  const { code, stderr } = await runToEnd(program.file, argv, { LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8' })
  expect(stderr).toBe(`dchat-relay: ${words} See "dchat-relay --help".\n`)
  expect(code).toBe(2)
})
