import { expect, test } from 'vitest'
import { host } from '#host'
import { assembleClient, createClient, createIdentity, parseRelayUrl, sealedStore } from '../../src/index.ts'
import { HandClock } from '../support/clocks.ts'

const relays = [parseRelayUrl('ws://127.0.0.1:9')]
const crypto = host.crypto()

test('a burner identity closes and deletes itself when its time is over', async () => {
  const clock = new HandClock()
  const store = sealedStore(await host.storage(), crypto.random(32), crypto.random)
  const identity = createIdentity({ random: crypto.random, expiresAt: clock.now() + 60_000 })
  let deleted = 0
  const onExpired = async () => {
    deleted += 1
  }
  const parts = { relays, store, crypto, clock, transport: host.transport(crypto), onExpired }
  const client = await assembleClient({ ...parts, identity })
  await clock.advance(59_000)
  expect(deleted).toBe(0)
  await clock.advance(2_000)
  await expect.poll(() => deleted).toBe(1)
  await expect(client.connect()).rejects.toMatchObject({ code: 'usage/closed' })
  await expect(assembleClient(parts)).rejects.toMatchObject({ code: 'identity/expired' })
  expect(deleted).toBe(2)
})

test('two identities of one person share nothing', () => {
  const one = createIdentity({ random: crypto.random })
  const two = createIdentity({ random: crypto.random, kind: 'bot' })
  expect(one.address).not.toBe(two.address)
  expect(one.roots.root.publicKey).not.toEqual(two.roots.root.publicKey)
})

test('a bot has a client like anybody', async () => {
  const identity = createIdentity({ random: crypto.random, kind: 'bot' })
  await using client = await createClient({ identity, relays, store: ':memory:' })
  expect(client.address).toBe(identity.address)
})
