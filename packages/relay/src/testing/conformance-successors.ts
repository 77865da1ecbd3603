import { describe, expect, test } from 'vitest'
import type { SuccessorBound } from '../policy/successors.ts'
import type { Outcome, Store, Write } from '../store/store.ts'
import { disposable, type RelayStoreFactory } from './factory.ts'
import { append, newTopic, random } from './fixtures.ts'

const PAGE = { limit: 100, bytes: 1_000_000 }
const NEVER = { entries: 0, commits: 0, successors: 0, inbox: 0, references: 0, blobs: 0 }

interface PutOptions {
  readonly reference?: Uint8Array
  readonly body?: Uint8Array
  readonly epoch?: number
  readonly time?: number
  readonly items?: number
  readonly bounds?: readonly SuccessorBound[]
}

const put = (topic: Uint8Array, options: PutOptions = {}): Write => {
  const {
    reference = random(16),
    body = random(8),
    epoch = 0,
    time = 5,
    items = 64,
    bounds = [{ epoch, items }],
  } = options
  return { type: 'successor.put', topic, reference, body, epoch, time, bounds }
}

const answers = (outcomes: readonly Outcome[]) =>
  outcomes.map((outcome) => (outcome.ok ? outcome.result : outcome.error.code))

const opened = async (store: Store): Promise<Uint8Array> => {
  const { topic, state } = newTopic()
  await store.commit([append(topic, 'absent', state)])
  return topic
}

const seqs = async (store: Store, topic: Uint8Array, after = 0, page = PAGE) =>
  (await store.successors(topic, after, page)).map(({ seq }) => seq)

export const successorConformance = (name: string, { open, reopen, crash }: RelayStoreFactory): void => {
  describe(`${name}: successor lists`, () => {
    test('items have places from 1 in their topic, are read back whole, and a known reference gets its first place', async () => {
      await using store = disposable(await open())
      const [topic, other] = [await opened(store), await opened(store)]
      const [reference, body] = [random(16), random(300)]
      const outcomes = await store.commit([
        put(topic, { reference, body, time: 7 }),
        put(topic),
        put(topic, { reference }),
        put(other, { reference }),
      ])
      expect(answers(outcomes)).toEqual([{ seq: 1 }, { seq: 2 }, { seq: 1 }, { seq: 1 }])
      expect((await store.successors(topic, 0, PAGE))[0]).toEqual({ seq: 1, time: 7, reference, body })
      expect(await seqs(store, topic)).toEqual([1, 2])
      expect(await seqs(store, other)).toEqual([1])
      expect(await seqs(store, random(32))).toEqual([])
    })

    test('a topic that is not held has no list, one that is opened in the same batch has', async () => {
      await using store = disposable(await open())
      const { topic, state } = newTopic()
      const outcomes = await store.commit([put(topic), append(topic, 'absent', state), put(topic)])
      expect(answers(outcomes)).toEqual(['relay/unknown-topic', null, { seq: 1 }])
    })

    test('pages begin after a place and end at their limit or before their bytes, but hold one item', async () => {
      await using store = disposable(await open())
      const topic = await opened(store)
      await store.commit([10, 20, 30, 40].map((length) => put(topic, { body: random(length) })))
      expect(await seqs(store, topic, 1)).toEqual([2, 3, 4])
      expect(await seqs(store, topic, 0, { limit: 2, bytes: 999 })).toEqual([1, 2])
      expect(await seqs(store, topic, 0, { limit: 9, bytes: 60 })).toEqual([1, 2, 3])
      expect(await seqs(store, topic, 0, { limit: 9, bytes: 59 })).toEqual([1, 2])
      expect(await seqs(store, topic, 3, { limit: 9, bytes: 1 })).toEqual([4])
      expect(await seqs(store, topic, 4)).toEqual([])
      expect(await seqs(store, topic, Number.MAX_SAFE_INTEGER)).toEqual([])
    })

    test('a full list refuses what is new and still knows what it holds; nothing of a refused item stays', async () => {
      await using store = disposable(await open())
      const topic = await opened(store)
      const reference = random(16)
      const outcomes = await store.commit([
        put(topic, { items: 2, reference }),
        put(topic, { items: 2 }),
        put(topic, { items: 2 }),
        put(topic, { items: 2, reference }),
      ])
      expect(answers(outcomes)).toEqual([{ seq: 1 }, { seq: 2 }, 'relay/quota', { seq: 1 }])
      expect(outcomes[2]).toMatchObject({ error: { details: { limit: 2 } } })
      expect(answers(await store.commit([put(topic, { items: 3 })]))).toEqual([{ seq: 3 }])
      expect(await seqs(store, topic)).toEqual([1, 2, 3])
    })

    test('each bound counts the items of writers up to its epoch, and the first that is reached refuses', async () => {
      await using store = disposable(await open())
      const topic = await opened(store)
      const bounds = [
        { epoch: 1, items: 2 },
        { epoch: 2, items: 3 },
        { epoch: 3, items: 4 },
      ]
      const by = (epoch: number) => put(topic, { epoch, bounds: bounds.filter((bound) => epoch <= bound.epoch) })
      const outcomes = await store.commit([1, 0, 0, 1, 2, 2, 3, 3].map(by))
      expect(answers(outcomes)).toEqual([
        { seq: 1 },
        { seq: 2 },
        'relay/quota',
        'relay/quota',
        { seq: 3 },
        'relay/quota',
        { seq: 4 },
        'relay/quota',
      ])
      const limits = [2, 3, 5, 7]
        .map((index) => outcomes[index])
        .map((outcome) => !outcome?.ok && outcome?.error.details)
      expect(limits).toMatchObject([{ limit: 2 }, { limit: 2 }, { limit: 3 }, { limit: 4 }])
    })

    test('an append to the topic leaves its list alone', async () => {
      await using store = disposable(await open())
      const { topic, state } = newTopic()
      const first = append(topic, 'absent', state)
      await store.commit([first, put(topic)])
      await store.commit([append(topic, 1, first.after), put(topic)])
      expect(await seqs(store, topic)).toEqual([1, 2])
      expect((await store.topic(topic))?.seq).toBe(2)
    })

    test('old items go in slices and free their room; their numbers are never given again', async () => {
      const first = await open()
      const topic = await opened(first)
      const reference = random(16)
      const times = [10, 20, 30, 40, 50]
      await first.commit(times.map((time, index) => put(topic, { time, ...(index === 0 ? { reference } : {}) })))
      const sweep = () => first.sweep({ ...NEVER, successors: 40 }, 2)
      await first.sweep({ ...NEVER, entries: 9_999, commits: 9_999, inbox: 9_999, blobs: 9_999 }, 9)
      expect(await seqs(first, topic)).toEqual([1, 2, 3, 4, 5])
      expect([await sweep(), await sweep(), await sweep()]).toEqual([2, 1, 0])
      expect(await seqs(first, topic)).toEqual([4, 5])
      await first.sweep({ ...NEVER, successors: 999 }, 9)
      await using store = disposable(await reopen(first))
      expect(await seqs(store, topic)).toEqual([])
      expect(answers(await store.commit([put(topic, { reference, items: 1 })]))).toEqual([{ seq: 6 }])
    })

    test('what was put is there after a reopen', async () => {
      const first = await open()
      const topic = await opened(first)
      const body = random(5_000)
      await first.commit([put(topic), put(topic, { body })])
      await using store = disposable(await reopen(first))
      expect((await store.successors(topic, 1, PAGE)).map((item) => item.body)).toEqual([body])
      expect(answers(await store.commit([put(topic)]))).toEqual([{ seq: 3 }])
    })

    if (crash)
      test('what was put is there after a crash', async () => {
        const first = await open()
        const topic = await opened(first)
        const body = random(5_000)
        await first.commit([put(topic, { body })])
        await using store = disposable(await crash(first))
        expect((await store.successors(topic, 0, PAGE)).map((item) => item.body)).toEqual([body])
        await first.close()
      })
  })
}
