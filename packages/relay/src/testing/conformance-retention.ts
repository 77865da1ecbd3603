import { describe, expect, test } from 'vitest'
import type { Store, SweepTimes } from '../store/store.ts'
import { disposable, type RelayStoreFactory } from './factory.ts'
import { append, newTopic, random } from './fixtures.ts'

const PAGE = { limit: 1_000, bytes: 1_000_000 }
const NEVER: SweepTimes = { entries: 0, commits: 0, successors: 0, inbox: 0, references: 0, blobs: 0 }
const ALL = Number.POSITIVE_INFINITY

const sweepAll = async (store: Store, times: Partial<SweepTimes>, limit = 7): Promise<number> => {
  let rounds = 0
  while ((await store.sweep({ ...NEVER, ...times }, limit)) > 0) rounds++
  return rounds
}

export const retentionConformance = (name: string, { open }: RelayStoreFactory): void => {
  describe(`${name}: retention`, () => {
    test('old bodies go in slices; hash, receipt and reference stay, commits stay longer, the quota is freed', async () => {
      await using store = disposable(await open())
      const { topic, state } = newTopic()
      const entries = Array.from({ length: 20 }, (_, index) => ({ time: 100 + index, body: random(10) }))
      const write = append(topic, 'absent', state, [
        ...entries,
        { kind: 'commit', time: 130, frame: random(5), body: random(6) },
      ])
      await store.commit([write])
      expect(await sweepAll(store, { entries: 115, commits: 100 })).toBeGreaterThan(1)
      const kept = await store.entries(topic, 0, ALL, PAGE)
      expect(kept.filter(({ body }) => body === null).map(({ receipt }) => receipt.seq)).toEqual(
        Array.from({ length: 15 }, (_, i) => i + 1),
      )
      expect(kept.map(({ receipt }) => receipt)).toEqual(write.entries.map(({ receipt }) => receipt))
      expect((await store.topic(topic))?.bytes).toBe(5 * 10 + 11)
      expect((await store.entryByReference(topic, write.entries[0]?.reference as Uint8Array))?.receipt.seq).toBe(1)
      await sweepAll(store, { entries: 999, commits: 999 })
      expect((await store.entries(topic, 20, ALL, PAGE))[0]).toMatchObject({ body: null, frame: null })
      expect((await store.topic(topic))?.bytes).toBe(0)
    })

    test('inbox items, their references, blobs and claimed packages expire each by its own age', async () => {
      await using store = disposable(await open())
      const { topic, state } = newTopic()
      const [device, blob, reference] = [random(32), random(16), random(16)]
      const limits = { items: 9, bytes: 999 }
      const put = (time: number, name = random(16)) => ({
        type: 'inbox.put' as const,
        device,
        reference: name,
        body: random(3),
        time,
        limits,
      })
      const body = random(8)
      await store.commit([
        append(topic, 'absent', state, [{}], { blobs: [{ id: blob, body }] }),
        put(10, reference),
        put(20),
        put(30),
        { type: 'inbox.ack', device, seq: 1, time: 40 },
        { type: 'keys.publish', device, suite: 's', oneTime: [{ hash: body, package: body }], time: 1, limit: 9 },
        { type: 'keys.claim', devices: [device], suite: 's', time: 50 },
      ])
      await sweepAll(store, { inbox: 25 })
      expect((await store.inboxItems(device, 0, PAGE)).map(({ seq }) => seq)).toEqual([3])
      expect((await store.commit([put(60, reference)]))[0]).toMatchObject({ result: { seq: 1 } })
      await sweepAll(store, { references: 100 })
      expect((await store.commit([put(60, reference)]))[0]).toMatchObject({ result: { seq: 4 } })
      const [again] = await store.commit([
        { type: 'keys.publish', device, suite: 's', oneTime: [{ hash: body, package: body }], time: 1, limit: 9 },
      ])
      expect(again).toMatchObject({ result: { count: 1 } })
      expect(await store.hasBlob(blob)).toBe(true)
      await sweepAll(store, { blobs: 1_001 })
      expect(await store.hasBlob(blob)).toBe(false)
    })
  })
}
