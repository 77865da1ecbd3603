import { describe, expect, test } from 'vitest'
import type { IdentityRecord } from '../store/store.ts'
import { disposable, type RelayStoreFactory } from './factory.ts'
import { random } from './fixtures.ts'

const PAGE = { limit: 100, bytes: 1_000_000 }

const keyOf = ({ keys }: IdentityRecord, index: number) => keys[index]?.key as Uint8Array

const bytewise = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b)

export const identityConformance = (name: string, { open, reopen }: RelayStoreFactory): void => {
  describe(`${name}: identities`, () => {
    const record = (address: string, over: Partial<IdentityRecord> = {}): IdentityRecord => ({
      address,
      branches: [[random(40), random(300)], [random(40)]],
      keys: [random(32), random(32)].sort(bytewise).map((key, index) => ({ key, shown: index === 0 })),
      devices: [
        { device: random(32), revoked: false },
        { device: random(32), revoked: true },
      ],
      ...over,
    })

    test('a record is found by address, by every key and by every device, also after a reopen', async () => {
      const first = await open()
      const alice = record('dchat1alice')
      const device = alice.devices[0]?.device as Uint8Array
      const bob = record('dchat1bob', { devices: [{ device, revoked: true }] })
      await first.commit([
        { type: 'identity.put', record: alice },
        { type: 'identity.put', record: bob },
      ])
      await using store = disposable(await reopen(first))
      expect(await store.identity('dchat1alice')).toEqual(alice)
      expect(await store.identity('dchat1nobody')).toBeUndefined()
      expect(await store.addressesOfKey(keyOf(alice, 1), 8)).toEqual(['dchat1alice'])
      expect(await store.addressesOfKey(random(32), 8)).toEqual([])
      const active = [undefined, 'dchat1alice', 'dchat1bob'].map((address) => store.isActiveDevice(device, address))
      expect(await Promise.all(active)).toEqual([true, true, false])
      expect(await store.isActiveDevice(alice.devices[1]?.device as Uint8Array)).toBe(false)
    })

    test('a device counts as revoked when nobody who knows it vouches for it any more', async () => {
      await using store = disposable(await open())
      const device = random(32)
      const put = (address: string, revoked: boolean) =>
        store.commit([{ type: 'identity.put', record: record(address, { devices: [{ device, revoked }] }) }])
      expect(await store.isRevokedDevice(device)).toBe(false)
      await put('dchat1alice', false)
      // Anybody may name the device in a log of their own.
      await put('dchat1mallory', true)
      expect(await store.isRevokedDevice(device)).toBe(false)
      await put('dchat1alice', true)
      expect(await store.isRevokedDevice(device)).toBe(true)
      expect(await store.isRevokedDevice(random(32))).toBe(false)
    })

    test('logs in which a key has signed come before those that merely name it', async () => {
      await using store = disposable(await open())
      const key = random(32)
      const put = (address: string, shown: boolean) => ({
        type: 'identity.put' as const,
        record: record(address, { keys: [{ key, shown }] }),
      })
      await store.commit([put('a', false), put('b', false), put('c', true)])
      expect(await store.addressesOfKey(key, 8)).toEqual(['c', 'a', 'b'])
      expect(await store.addressesOfKey(key, 2)).toEqual(['c', 'a'])
    })

    test('a new record replaces the old one whole', async () => {
      await using store = disposable(await open())
      const [old, next] = [record('dchat1alice'), record('dchat1alice')]
      await store.commit([{ type: 'identity.put', record: old }])
      await store.commit([{ type: 'identity.put', record: next }])
      expect(await store.identity('dchat1alice')).toEqual(next)
      expect(await store.addressesOfKey(keyOf(old, 0), 8)).toEqual([])
      expect(await store.isActiveDevice(old.devices[0]?.device as Uint8Array)).toBe(false)
    })

    test('archive slots are overwritten, listed in byte order and bounded', async () => {
      await using store = disposable(await open())
      const put = (slot: number[], body: Uint8Array) => ({
        type: 'archive.put' as const,
        address: 'a',
        slot: new Uint8Array(slot),
        body,
        time: 1,
        limits: { slots: 3, bytes: 60 },
      })
      const [one, two] = [random(10), random(20)]
      const outcomes = await store.commit([
        put([2], one),
        put([1, 5], one),
        put([1], one),
        put([9], one),
        put([2], two),
        put([1], random(31)),
      ])
      expect(outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.error.code))).toEqual([
        'ok',
        'ok',
        'ok',
        'relay/quota',
        'ok',
        'relay/quota',
      ])
      const listed = await store.archive('a', undefined, PAGE)
      expect(listed.map(({ slot, body }) => [[...slot], body.length])).toEqual([
        [[1], 10],
        [[1, 5], 10],
        [[2], 20],
      ])
      expect(
        (await store.archive('a', new Uint8Array([1]), { limit: 1, bytes: 99 })).map(({ slot }) => [...slot]),
      ).toEqual([[1, 5]])
      expect(await store.archive('b', undefined, PAGE)).toEqual([])
      expect(await store.archiveSlot('a', new Uint8Array([2]))).toEqual({ body: two, time: 1 })
      expect(await store.archiveSlot('b', new Uint8Array([2]))).toBeUndefined()
      // What is taken back makes room again, also for who was over the limit.
      const less = await store.commit([put([2], new Uint8Array()), put([2], new Uint8Array()), put([9], random(40))])
      expect(less.map(({ ok }) => ok)).toEqual([true, true, true])
      expect(await store.archiveSlot('a', new Uint8Array([2]))).toBeUndefined()
      expect((await store.archive('a', undefined, PAGE)).map(({ slot }) => [...slot])).toEqual([[1], [1, 5], [9]])
    })
  })
}
