import { join } from 'node:path'
import { type HostileRelay, hostileRelay } from '@dchat/relay/testing'
import { expect, test } from 'vitest'
import { network } from './support/network.ts'

let relay: HostileRelay
const net = network({
  serve: async () => {
    relay = await hostileRelay()
    return relay
  },
  commands: 'within',
})

test('dchat audit names the entry that a relay lied about, and its evidence is checked offline by somebody else', async () => {
  await net.init('alice')
  await net.init('bob')
  await net.introduce('alice', 'bob')
  expect(await net.run('alice', 'send', 'bob', 'hello')).toMatchObject({ code: 0 })
  expect(await net.run('bob', 'read', 'alice')).toMatchObject({ code: 0 })

  const honest = await net.run('bob', 'audit', 'alice')
  expect(honest).toMatchObject({ code: 0 })
  expect(honest.out).toContain('entries checked')
  expect(honest.err).toContain('Nothing was found.')

  expect(await net.run('alice', 'send', 'bob', 'more')).toMatchObject({ code: 0 })
  relay.lie('backdate')
  const lied = await net.run('bob', 'read', 'alice', '--timeout', '3s')
  expect(lied.out).not.toContain('more')
  const path = join(net.root, 'alice.evidence')
  const found = await net.run('bob', 'audit', 'alice', '--out', path, '--json')
  expect(found).toMatchObject({ code: 6 })
  const lines = found.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.find(({ code, data }) => (code ?? data?.code) === 'relay/time-backwards')).toBeDefined()

  const checked = await net.run('carol', 'relay', 'verify', path)
  expect(checked).toMatchObject({ code: 6 })
  expect(checked.out).toContain(
    `The relay with the key ${Buffer.from(relay.relayKey).toString('hex')} signed a time before`,
  )

  relay.repent()
  const list = await net.run('bob', 'relay', 'list')
  expect(list).toMatchObject({ code: 0 })
  expect(list.out).toContain(`home  ${relay.url}`)
  expect(list.out).toContain('caught: relay/time-backwards')
})
