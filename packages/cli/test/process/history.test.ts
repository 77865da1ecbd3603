import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { jsonLines } from '../support/cli.ts'
import { network } from '../support/network.ts'

const net = network({ commands: 'within' })

const textsOf = (out: string): unknown[] =>
  jsonLines(out)
    .filter(({ type }) => type === 'message')
    .map(({ text }) => text)

const dataOf = async (name: string, ...argv: string[]) => {
  const { code, out } = await net.run(name, ...argv, '--json')
  expect(code).toBe(0)
  return JSON.parse(out).data
}

test('who turned the archive on finds everything again with the phrase alone, while everybody else is away', {
  timeout: 180_000,
}, async () => {
  const phrase = join(net.root, 'bob.phrase')
  await net.init('alice')
  await net.init('bob', '--phrase-file', phrase)
  await net.introduce('alice', 'bob')
  expect((await net.run('bob', 'config', 'set', 'archive-bodies', 'on')).code).toBe(0)
  expect((await net.run('alice', 'send', 'bob', 'one')).code).toBe(0)
  expect((await net.run('bob', 'send', 'alice', 'two')).code).toBe(0)
  const listening = net.start('bob', 'listen')
  const over = Date.now() + 60_000
  let state = await dataOf('bob', 'history')
  while (state.archive.messages < 2 && Date.now() < over) {
    await new Promise((resolve) => setTimeout(resolve, 500))
    state = await dataOf('bob', 'history')
  }
  expect(state).toMatchObject({ progress: { state: 'idle' }, archive: { bodies: true, messages: 2, behind: 0 } })
  listening.child.kill('SIGTERM')
  await listening.ended
  const before = textsOf((await net.run('bob', 'read', 'alice', '--offline', '--json')).out)
  expect([...before].sort()).toEqual(['one', 'two'])
  await rm(net.home('bob'), { recursive: true })

  expect((await net.run('bob', 'restore', '--relay', net.relay, '--phrase-file', phrase)).code).toBe(0)
  const fetched = await net.run('bob', 'history', 'fetch', '--json')
  expect(JSON.parse(fetched.out).data).toMatchObject({ state: 'done', messages: 2 })
  expect(textsOf((await net.run('bob', 'read', 'alice', '--offline', '--json')).out)).toEqual(before)
  expect((await net.run('bob', 'history')).out).toContain('The past is here: 2 messages.')
})
