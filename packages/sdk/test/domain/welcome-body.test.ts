import { expect, test } from 'vitest'
import { welcomeBody } from '../../src/client/rooms/welcome.ts'
import { encodeWelcomeBody } from '../../src/protocol/inbox/bodies.ts'
import { FRAME_LIMIT } from '../../src/protocol/wire/frames.ts'
import type { Address } from '../../src/records/ids.ts'
import { actor, group, person } from './control-support.ts'

test('a large group’s Welcome fits into a frame with its commit: it carries some logs and tells where the others are', async () => {
  const [alice] = [actor('alice')]
  const people = Array.from({ length: 700 }, (_, at) => ({
    ...person(alice, at === 0 ? 'owner' : 'member'),
    address: `${alice.address}${at}` as Address,
  }))
  const relays = ['wss://relay.example'] as never
  const directory = { get: async () => alice.log, relaysOf: () => relays } as never
  const commit = 320 * 1024
  const parts = {
    welcome: new Uint8Array(15_000),
    tree: new Uint8Array(300_000),
    snapshot: new Uint8Array(70_000),
    heard: people.map(({ address }) => address),
  }
  const body = await welcomeBody({ directory }, group(people), parts, commit)
  expect(body.logs.length).toBeGreaterThan(10)
  expect(body.logs.length + body.places.length).toBe(people.length)
  expect(encodeWelcomeBody(body).length + commit).toBeLessThan(FRAME_LIMIT)
  const small = await welcomeBody(
    { directory },
    group(people.slice(0, 20)),
    { ...parts, tree: new Uint8Array(9_000) },
    4_096,
  )
  expect(small.places).toEqual([])
})
