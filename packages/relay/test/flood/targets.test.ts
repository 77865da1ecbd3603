import { isDchatError } from '@dchat/sdk/wire'
import { describe, expect, test } from 'vitest'
import type { Limits } from '../../src/index.ts'
import type { TestClient } from '../support/client.ts'
import { testClock, testCrypto } from '../support/crypto.ts'
import { testIdentity } from '../support/identity.ts'
import { client, codeOf, relay } from '../support/relay.ts'
import { tempDir } from '../support/temp.ts'

/** A relay behind a proxy, at which one person with one device is at home. */
const scene = async (limits: Partial<Limits> = {}) => {
  const clock = testClock()
  const at = await relay({ store: await tempDir(), trustedProxies: ['loopback'], limits, clock })
  const person = testIdentity()
  const { key, seed } = await person.newDevice()
  const home = await client(at, '192.0.2.1')
  await home.request('identity.put', { log: person.add(person.genesis, key) })
  await home.prove('device', key, seed)
  return { at, clock, home, device: key, address: person.address }
}

/** Connections from as many network addresses as there are floods. */
const attackers = (at: { url: string }, addresses: number, each: number): Promise<TestClient[]> =>
  Promise.all(
    Array.from({ length: addresses * each }, (_, index) => client(at, `203.0.113.${1 + (index % addresses)}`)),
  )

const random = testCrypto.random
const item = (device: Uint8Array, size = 64) => ({ device, reference: random(16), body: random(size) })

/** Sends what `make` gives on every connection, until all were answered; the answers' codes, counted. */
const flood = async (links: readonly TestClient[], times: number, one: (link: TestClient) => Promise<unknown>) => {
  const count = new Map<unknown, number>()
  const tell = async (link: TestClient) => {
    const code = await codeOf(one(link))
    count.set(code, (count.get(code) ?? 0) + 1)
  }
  await Promise.all(links.map((link) => Promise.all(Array.from({ length: times }, () => tell(link)))))
  return count
}

describe('one inbox is flooded', () => {
  const limits = { inboxItems: 500, inboxFrom: { perSecond: 0.001, burst: 200 } }

  test('from many connections of a few addresses: it never fills, and who writes now and then always finds room', async () => {
    const { at, home, device } = await scene(limits)
    const hostile = await attackers(at, 5, 4)
    const honest = await client(at, '198.51.100.7')
    let over = false
    const flooding = flood(hostile, 60, (link) => link.request('inbox.put', item(device))).finally(() => {
      over = true
    })
    const taken: number[] = []
    while (!over) taken.push((await honest.request('inbox.put', item(device))).seq)
    const codes = await flooding
    // One more each, now that the flood has taken all that it gets.
    const last = await honest.request('inbox.put', item(device))
    expect(taken.length).toBeGreaterThan(0)
    expect([...codes.keys()].sort()).toEqual(['no error', 'transport/rate-limited'])
    expect(last.seq).toBeLessThan(500)
    expect(last.seq - taken.length - 1).toBe(codes.get('no error'))
    // What the flood took is less than its addresses could take of an empty inbox, because the inbox filled up.
    expect(codes.get('no error')).toBeLessThan(5 * 200)
    const told = await hostile[0]?.request('inbox.put', item(device)).catch((error: unknown) => error)
    expect(isDchatError(told, 'transport/rate-limited') && told.details.retryAfter).toBeGreaterThan(0)
    // The device fetches everything, and then there is room again for anybody.
    await home.request('inbox.ack', { device, seq: last.seq })
    expect((await honest.request('inbox.put', item(device))).seq).toBe(last.seq + 1)
  })

  test('by large items: bytes count like many items', async () => {
    const { at, device } = await scene({ inboxBytes: 16 * 1024 * 1024, inboxFrom: { perSecond: 0.001, burst: 500 } })
    const [hostile] = await attackers(at, 1, 1)
    const codes = await flood([hostile as TestClient], 20, (link) =>
      link.request('inbox.put', item(device, 900 * 1024)),
    )
    expect(codes.get('no error')).toBeLessThan(9)
    const honest = await client(at, '198.51.100.7')
    await honest.request('inbox.put', item(device, 1024))
  })

  test('a full one asks for a pause: what is sent to it is not lost', async () => {
    const { at, home, device } = await scene({ inboxItems: 3, inboxFrom: { perSecond: 1, burst: 2_000 } })
    const store = at
    for (const from of [1, 2, 3]) {
      const link = await client(store, `198.51.100.${from}`)
      await link.request('inbox.put', item(device))
    }
    const late = await client(store, '198.51.100.9')
    const wanted = item(device)
    const told = await late.request('inbox.put', wanted).catch((error: unknown) => error)
    expect(isDchatError(told, 'transport/rate-limited') && told.retryable).toBe(true)
    await home.request('inbox.ack', { device, seq: 3 })
    expect(await late.request('inbox.put', wanted)).toEqual({ seq: 4 })
  })
})

describe('the key packages of one person are claimed over and over', () => {
  const publish = (home: TestClient, device: Uint8Array, count: number) =>
    home.request('keys.publish', {
      device,
      suite: 's',
      oneTime: Array.from({ length: count }, () => random(100)),
      lastResort: random(100),
    })

  test('who floods gets the one of last resort, and the others still find packages that are used once', async () => {
    const { at, home, device, address } = await scene({ claimsFrom: { perSecond: 0.001, burst: 4 } })
    await publish(home, device, 12)
    const hostile = await attackers(at, 2, 10)
    const claim = (link: TestClient) => link.request('keys.claim', { address, suite: 's' })
    const packages = (await Promise.all(hostile.flatMap((link) => Array.from({ length: 20 }, () => claim(link))))).map(
      ({ packages: [first] }) => first?.lastResort,
    )
    expect(packages.filter((lastResort) => lastResort === false)).toHaveLength(8)
    expect(packages.filter((lastResort) => lastResort === true)).toHaveLength(392)
    expect(await home.request('keys.count', { device, suite: 's' })).toEqual({ count: 4, lastResort: true })
    const honest = await client(at, '198.51.100.7')
    expect((await claim(honest)).packages).toMatchObject([{ lastResort: false }])
  })

  test('a connection has a quota over all people, and what it asks for in vain costs too', async () => {
    const { at, address } = await scene({ claims: { perSecond: 0.001, burst: 10 } })
    const [hostile] = await attackers(at, 1, 1)
    const codes = await flood([hostile as TestClient], 15, (link) =>
      link.request('keys.claim', { address: testIdentity().address, suite: 's' }),
    )
    expect(Object.fromEntries(codes)).toEqual({ 'no error': 10, 'transport/rate-limited': 5 })
    const honest = await client(at, '203.0.113.1')
    expect(await honest.request('keys.claim', { address, suite: 's' })).toEqual({ packages: [] })
  })

  test('a device without one of last resort is not made unreachable by it', async () => {
    const { at, home, device, address } = await scene({ claimsFrom: { perSecond: 0.001, burst: 1 } })
    await home.request('keys.publish', { device, suite: 's', oneTime: [random(50), random(50)] })
    const honest = await client(at, '198.51.100.7')
    const claim = async () => (await honest.request('keys.claim', { address, suite: 's' })).packages
    expect([await claim(), await claim(), await claim()].map((all) => all.map(({ lastResort }) => lastResort))).toEqual(
      [[false], [false], []],
    )
  })
})
