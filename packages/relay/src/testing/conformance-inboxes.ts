import { describe, expect, test } from 'vitest'
import type { Outcome, Write } from '../store/store.ts'
import { disposable, type RelayStoreFactory } from './factory.ts'
import { random } from './fixtures.ts'

const PAGE = { limit: 100, bytes: 1_000_000 }
const LIMITS = { items: 3, bytes: 100 }

const put = (device: Uint8Array, body: Uint8Array, reference = random(16)): Write => ({
  type: 'inbox.put',
  device,
  reference,
  body,
  time: 5,
  limits: LIMITS,
})

const codes = (outcomes: readonly Outcome[]) => outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.error.code))

export const inboxConformance = (name: string, { open }: RelayStoreFactory): void => {
  describe(`${name}: inboxes`, () => {
    test('items have places from 1, and a known reference gets its first place', async () => {
      await using store = disposable(await open())
      const device = random(32)
      const reference = random(16)
      const outcomes = await store.commit([
        put(device, random(4), reference),
        put(device, random(5)),
        put(device, random(6), reference),
        put(random(32), random(1)),
      ])
      expect(outcomes.map((outcome) => outcome.ok && outcome.result)).toEqual([
        { seq: 1 },
        { seq: 2 },
        { seq: 1 },
        { seq: 1 },
      ])
      expect((await store.inboxItems(device, 0, PAGE)).map(({ seq, body }) => [seq, body.length])).toEqual([
        [1, 4],
        [2, 5],
      ])
      expect((await store.inboxItems(device, 0, { limit: 9, bytes: 1 })).map(({ seq }) => seq)).toEqual([1])
      expect((await store.inboxItems(device, 1, PAGE)).map(({ seq }) => seq)).toEqual([2])
      expect([await store.inboxHead(device), await store.inboxHead(random(32))]).toEqual([2, 0])
    })

    test('an acknowledgement frees the quota; places go on, references stay known', async () => {
      await using store = disposable(await open())
      const device = random(32)
      const reference = random(16)
      expect(codes(await store.commit([put(device, random(60), reference), put(device, random(60))]))).toEqual([
        'ok',
        'relay/quota',
      ])
      await store.commit([put(device, random(1)), put(device, random(1))])
      expect(codes(await store.commit([put(device, random(1))]))).toEqual(['relay/quota'])
      await store.commit([
        { type: 'inbox.ack', device, seq: 2, time: 9 },
        { type: 'inbox.ack', device: random(32), seq: 2, time: 9 },
      ])
      expect((await store.inboxItems(device, 0, PAGE)).map(({ seq }) => seq)).toEqual([3])
      const again = await store.commit([put(device, random(60), reference), put(device, random(60))])
      expect(again.map((outcome) => outcome.ok && outcome.result)).toEqual([{ seq: 1 }, { seq: 4 }])
    })
  })

  describe(`${name}: key packages`, () => {
    const publish = (
      device: Uint8Array,
      packages: readonly Uint8Array[],
      lastResort?: Uint8Array,
      replace?: boolean,
    ): Write => ({
      type: 'keys.publish',
      device,
      suite: 's',
      time: 1,
      limit: 3,
      lastResort,
      replace,
      oneTime: packages.map((body) => ({ hash: body.slice(0, 8), package: body })),
    })
    const claim = (devices: readonly Uint8Array[], suite = 's'): Write => ({
      type: 'keys.claim',
      devices,
      suite,
      time: 2,
    })

    test('each one-time package is handed out once, oldest first, then the last resort', async () => {
      await using store = disposable(await open())
      const [device, bare] = [random(32), random(32)]
      const [a, b, last] = [random(50), random(50), random(50)]
      await store.commit([publish(device, [a, b], last)])
      expect(await store.packageCount(device, 's')).toEqual({ count: 2, lastResort: true })
      const outcomes = await store.commit([
        claim([device, bare]),
        claim([device]),
        claim([device]),
        claim([device], 'other'),
      ])
      expect(outcomes.map((outcome) => outcome.ok && outcome.result)).toEqual([
        { packages: [{ device, package: a, lastResort: false }] },
        { packages: [{ device, package: b, lastResort: false }] },
        { packages: [{ device, package: last, lastResort: true }] },
        { packages: [] },
      ])
      expect(await store.packageCount(device, 's')).toEqual({ count: 0, lastResort: true })
    })

    test('what is left of a stock can be replaced, and makes room for what comes', async () => {
      await using store = disposable(await open())
      const device = random(32)
      const [a, b, c, d, e, last] = [random(50), random(50), random(50), random(50), random(50), random(50)]
      await store.commit([publish(device, [a, b, c], random(9)), publish(device, [d, e], last, true)])
      expect(await store.packageCount(device, 's')).toEqual({ count: 2, lastResort: true })
      const outcomes = await store.commit([claim([device]), claim([device]), claim([device])])
      expect(outcomes.map((outcome) => outcome.ok && outcome.result)).toEqual([
        { packages: [{ device, package: d, lastResort: false }] },
        { packages: [{ device, package: e, lastResort: false }] },
        { packages: [{ device, package: last, lastResort: true }] },
      ])
      // Another time the old ones are known, and nothing is added.
      await store.commit([publish(device, [a, b])])
      expect(await store.packageCount(device, 's')).toEqual({ count: 0, lastResort: true })
    })

    test('a package comes back never, the stock is bounded, and a last resort is replaced', async () => {
      await using store = disposable(await open())
      const device = random(32)
      const [a, b, c, d] = [random(50), random(50), random(50), random(50)]
      await store.commit([publish(device, [a, b, b], random(9)), claim([device])])
      const last = random(50)
      const outcomes = await store.commit([
        publish(device, [a, b]),
        publish(device, [c, d, random(50)]),
        publish(device, [c, d], last),
      ])
      expect(codes(outcomes)).toEqual(['ok', 'relay/quota', 'ok'])
      expect(outcomes[2]).toMatchObject({ result: { count: 3 } })
      const claims = await store.commit([claim([device]), claim([device]), claim([device]), claim([device])])
      expect(
        claims.map((outcome) => outcome.ok && 'packages' in (outcome.result ?? {}) && outcome.result),
      ).toMatchObject([
        { packages: [{ package: b }] },
        { packages: [{ package: c }] },
        { packages: [{ package: d }] },
        { packages: [{ package: last, lastResort: true }] },
      ])
    })
  })
}
