import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { createRelay } from '../packages/relay/src/index.ts'
import { createClient, createIdentity } from '../packages/sdk/src/index.ts'
import { createConsumer } from './lib/consumer.ts'
import { fencesOf } from './lib/fences.ts'

const [program, ...others] = fencesOf('README.md').filter(({ marks }) => marks.includes('run'))

test('the README has one program, and it is short', () => {
  expect(others).toEqual([])
  expect(program?.code.split('\n').length).toBeLessThanOrEqual(15)
})

test('the program of the README says hello and prints the answer', async () => {
  if (program === undefined) throw new Error('the README has no program')
  const relay = await createRelay()
  const identity = createIdentity()
  const friend = await createClient({ identity, relays: [relay.url], strangers: 'allow', store: ':memory:' })
  const consumer = createConsumer()
  try {
    await friend.connect()
    const answer = (async () => {
      for await (const { conversation, content } of friend.messages.stream()) {
        await friend.messages.send(conversation, 'Hello to you!', { wait: 'sent' })
        return content
      }
      return undefined
    })()
    const file = consumer.compile(program, (code) => code.replace(/ws:\/\/127\.0\.0\.1:\d+/, relay.url))
    const { stdout } = await promisify(execFile)(process.execPath, [file, friend.invite()], { timeout: 60_000 })
    expect(stdout).toBe('Hello to you!\n')
    expect(await answer).toMatchObject({ type: 'text', text: 'Hello!' })
  } finally {
    await friend.close()
    await relay.close()
    consumer.remove()
  }
})
