import { expect, test } from 'vitest'
import { jsonLines } from '../support/cli.ts'
import { network } from '../support/network.ts'

const net = network({ commands: 'within' })

test('two terminals: what is typed and what notifies is seen where it is asked for, and settings turn it off', async () => {
  await net.init('alice')
  const bob = await net.init('bob')
  await net.introduce('alice', 'bob')
  expect((await net.run('alice', 'send', 'bob', 'hello')).code).toBe(0)
  expect((await net.run('bob', 'send', 'alice', 'hello')).code).toBe(0)
  expect((await net.run('alice', 'config', 'set', 'presence', 'off')).out).toBe('presence\toff\n')

  const listening = net.start('alice', 'listen', '--type', 'notification', '--type', 'typing', '--json')
  const owner = net.start('bob', 'listen', '--since', 'now', '--json')
  const lines: Record<string, unknown>[] = []
  const reading = (async () => {
    for (let line = await listening.line(); line !== undefined; line = await listening.line())
      lines.push(JSON.parse(line))
  })()
  // A signal is for those who listen already.
  while (!lines.some(({ type }) => type === 'typing')) expect((await net.run('bob', 'typing', 'alice')).code).toBe(0)
  expect(lines).toContainEqual(expect.objectContaining({ v: 1, from: bob.address, name: 'bob', typing: true }))
  expect((await net.run('bob', 'send', 'alice', 'done')).code).toBe(0)
  const notified = { v: 1, type: 'notification', kind: 'message', title: 'bob', preview: 'done', mention: false }
  await expect.poll(() => lines, { timeout: 90_000 }).toContainEqual(expect.objectContaining(notified))
  expect(lines.every(({ type }) => type === 'notification' || type === 'typing')).toBe(true)
  for (const { child, ended } of [listening, owner]) {
    child.kill('SIGTERM')
    await ended
  }
  await reading

  // Nothing was acknowledged: the messages are still to be listened to.
  const messages = await net.run('alice', 'listen', '--limit', '2', '--type', 'message', '--json')
  expect(jsonLines(messages.out).map(({ text }) => text)).toEqual(['hello', 'done', undefined])
  const listed = jsonLines((await net.run('alice', 'config', '--json')).out)
  expect(listed).toContainEqual({ v: 1, type: 'setting', key: 'presence', value: false, of: 'person' })
  expect(listed).toContainEqual({ v: 1, type: 'setting', key: 'relays', value: [net.relay], of: 'machine' })
  expect((await net.run('alice', 'config', 'get', 'typing')).out).toBe('on\n')
})
