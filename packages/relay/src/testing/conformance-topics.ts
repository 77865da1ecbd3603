import { describe, expect, test } from 'vitest'
import { disposable, type RelayStoreFactory } from './factory.ts'
import { append, newTopic, random } from './fixtures.ts'

const PAGE = { limit: 100, bytes: 1_000_000 }
const ALL = Number.POSITIVE_INFINITY

export const topicConformance = (name: string, { open, reopen, crash }: RelayStoreFactory): void => {
  describe(`${name}: topics`, () => {
    test('an append is read back whole, and the state with it', async () => {
      await using store = disposable(await open())
      const { topic, state } = newTopic()
      const write = append(topic, 'absent', state, [{ body: random(10_000) }, { kind: 'commit', frame: random(99) }])
      expect(await store.commit([write])).toEqual([{ ok: true, result: null }])
      expect(await store.topic(topic)).toEqual(write.after)
      expect(await store.entries(topic, 0, ALL, PAGE)).toEqual(write.entries)
      expect(await store.entryByReference(topic, write.entries[1]?.reference as Uint8Array)).toEqual(write.entries[1])
      expect(await store.entryByReference(random(32), write.entries[1]?.reference as Uint8Array)).toBeUndefined()
    })

    test('a topic keeps its commit key over a restart, and loses it where a commit lifts it', async () => {
      const store = await open()
      const { topic, state } = newTopic()
      const first = append(topic, 'absent', { ...state, commitKey: random(32) })
      await store.commit([first])
      expect((await store.topic(topic))?.commitKey).toEqual(first.after.commitKey)
      await using again = disposable(await reopen(store))
      expect(await again.topic(topic)).toEqual(first.after)
      const lifted = append(topic, 1, { ...first.after, commitKey: null })
      expect(await again.commit([lifted])).toEqual([{ ok: true, result: null }])
      expect((await again.topic(topic))?.commitKey).toBeNull()
    })

    test('an append that expects another seq is refused, and the rest of the batch is applied', async () => {
      await using store = disposable(await open())
      const { topic, state } = newTopic()
      const other = newTopic()
      const first = append(topic, 'absent', state)
      await store.commit([first])
      const outcomes = await store.commit([
        append(topic, 'absent', state),
        append(topic, 7, first.after),
        append(other.topic, 'absent', other.state),
        append(topic, 1, first.after),
      ])
      expect(outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.error.code))).toEqual([
        'relay/conflict',
        'relay/conflict',
        'ok',
        'ok',
      ])
      expect((await store.topic(topic))?.seq).toBe(2)
      expect((await store.topic(other.topic))?.seq).toBe(1)
    })

    test('writes of one batch see each other', async () => {
      await using store = disposable(await open())
      const { topic, state } = newTopic()
      const first = append(topic, 'absent', state)
      const outcomes = await store.commit([first, append(topic, 1, first.after, [{}, {}])])
      expect(outcomes.every(({ ok }) => ok)).toBe(true)
      expect((await store.entries(topic, 0, ALL, PAGE)).map(({ receipt }) => receipt.seq)).toEqual([1, 2, 3])
    })

    test('pages are bounded by place, count and bytes, and hold at least one entry', async () => {
      await using store = disposable(await open())
      const { topic, state } = newTopic()
      await store.commit([
        append(
          topic,
          'absent',
          state,
          Array.from({ length: 80 }, () => ({ body: random(100) })),
        ),
      ])
      const seqs = async (after: number, upTo: number, limit: number, bytes: number) =>
        (await store.entries(topic, after, upTo, { limit, bytes })).map(({ receipt }) => receipt.seq)
      expect(await seqs(0, ALL, 3, 1e6)).toEqual([1, 2, 3])
      expect(await seqs(70, 74, 100, 1e6)).toEqual([71, 72, 73, 74])
      expect(await seqs(10, ALL, 100, 250)).toEqual([11, 12])
      expect(await seqs(10, ALL, 100, 1)).toEqual([11])
      expect(await seqs(80, ALL, 100, 1e6)).toEqual([])
      expect(await seqs(0, ALL, 100, 1e6)).toHaveLength(80)
      expect(await store.entries(random(32), 0, ALL, PAGE)).toEqual([])
    })

    test('keys, removals and blobs come with their append; a held blob id or key refuses it whole', async () => {
      await using store = disposable(await open())
      const { topic, state } = newTopic()
      const first = append(topic, 'absent', state, [])
      const blob = { id: random(16), body: random(5_000) }
      const next = { key: random(32), epoch: 1 }
      const extra = { keys: [next], removals: [{ epoch: 0, seq: 1 }], blobs: [blob] }
      const second = append(topic, 0, first.after, [{ kind: 'commit', frame: random(9) }], extra)
      await store.commit([first, second])
      expect(await store.topicKeyEpoch(topic, state.key)).toBe(0)
      expect(await store.topicKeyEpoch(topic, next.key)).toBe(1)
      expect(await store.topicKeyEpoch(topic, random(32))).toBeUndefined()
      expect(await store.firstRemoval(topic, 0)).toEqual({ epoch: 0, seq: 1 })
      expect(await store.firstRemoval(topic, 1)).toBeUndefined()
      expect(await store.blob(blob.id)).toEqual(blob.body)
      expect([await store.hasBlob(blob.id), await store.hasBlob(random(16))]).toEqual([true, false])
      const fresh = { id: random(16), body: random(5) }
      const refused = await store.commit([
        append(topic, 1, second.after, [{}], { blobs: [fresh, blob] }),
        append(topic, 1, second.after, [{}], { keys: [next] }),
        append(topic, 1, second.after, [{}], { blobs: [fresh, { ...fresh }] }),
      ])
      expect(refused.map((outcome) => outcome.ok)).toEqual([false, false, false])
      expect((await store.topic(topic))?.seq).toBe(1)
      expect(await store.hasBlob(fresh.id)).toBe(false)
    })

    test('what was committed is there after a reopen, secrets included', async () => {
      const first = await open()
      const { topic, state } = newTopic()
      const write = append(topic, 'absent', state, [{}, {}])
      const secret = await first.secret('key', () => random(32))
      await first.commit([write])
      await using store = disposable(await reopen(first))
      expect(await store.entries(topic, 0, ALL, PAGE)).toEqual(write.entries)
      expect(await store.secret('key', () => random(32))).toEqual(secret)
    })

    if (crash)
      test('what was committed is there after a crash', async () => {
        const first = await open()
        const { topic, state } = newTopic()
        const write = append(topic, 'absent', state, [{}, {}])
        await first.commit([write])
        await using store = disposable(await crash(first))
        expect(await store.entries(topic, 0, ALL, PAGE)).toEqual(write.entries)
        await first.close()
      })

    test('a closed store answers with usage/closed', async () => {
      const store = await open()
      await store.close()
      await store.close()
      await expect(store.topic(random(32))).rejects.toMatchObject({ code: 'usage/closed' })
      await expect(store.commit([])).rejects.toMatchObject({ code: 'usage/closed' })
    })
  })
}
