import { DchatError, isDchatError } from '@dchat/sdk/errors'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Delivery, Outcome, Queue } from '../../src/queue/queue.ts'
import { messageEvent } from '../support/events.ts'

const again = (dueAt: number, place: 'lane' | 'background' = 'lane'): Outcome => ({
  ...{ state: 'again', dueAt, place, reason: 'it answered 500', status: 500 },
})
const done: Outcome = { state: 'done', status: 200 }
const ids = (items: readonly { readonly eventId: string }[]) => items.map(({ eventId }) => eventId)
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error: unknown) => (isDchatError(error) ? error.code : error),
  )

/** What every queue promises. `reopen` gives the same queue as after a restart; left out where nothing survives one. */
export const queueConformance = (
  name: string,
  { open, reopen }: { open: () => Queue; reopen?: (queue: Queue) => Promise<Queue> },
): void => {
  describe(name, () => {
    let queue: Queue
    beforeEach(() => {
      queue = open()
    })
    afterEach(() => queue.close())

    const put = async (...events: readonly [string, number][]) => {
      for (const [conversation, index] of events) await queue.add(messageEvent(conversation, index), ['hook'], 100)
    }
    const ready = (now: number, place: 'lane' | 'background' = 'lane') => queue.ready('hook', place, now, 50)
    const first = async (now: number): Promise<Delivery> => (await ready(now))[0] as Delivery

    test('keeps each event once, by its id', async () => {
      expect(await queue.add(messageEvent('a', 1), ['hook', 'other'], 100)).toBe(true)
      expect(await queue.add(messageEvent('a', 1, 'changed'), ['hook'], 200)).toBe(false)
      expect((await queue.waiting()).map(({ endpoint, event }) => [endpoint, event])).toEqual([
        ['hook', messageEvent('a', 1)],
        ['other', messageEvent('a', 1)],
      ])
    })

    test('does not take an event again that was handled', async () => {
      await put(['a', 1])
      await queue.settle(await first(100), done, 110)
      expect(await queue.add(messageEvent('a', 1), ['hook'], 200)).toBe(false)
      expect(await queue.waiting()).toEqual([])
    })

    test('has one event of each conversation due, and the next when that is done', async () => {
      await put(['a', 1], ['a', 2], ['b', 1], ['a', 3])
      expect(ids(await ready(100))).toEqual(['evt_a1', 'evt_b1'])
      await queue.settle(await first(100), done, 110)
      expect(ids(await ready(110))).toEqual(['evt_b1', 'evt_a2'])
    })

    test('keeps the lanes of endpoints apart', async () => {
      for (const index of [1, 2]) await queue.add(messageEvent('a', index), ['hook', 'other'], 100)
      await queue.settle(await first(100), done, 110)
      expect(ids(await ready(110))).toEqual(['evt_a2'])
      expect(ids(await queue.ready('other', 'lane', 110, 50))).toEqual(['evt_a1'])
    })

    test('holds the lane while its event is tried again, and tells when', async () => {
      await put(['a', 1], ['a', 2])
      await queue.settle(await first(100), again(5000), 110)
      expect(await ready(4999)).toEqual([])
      expect(await queue.nextDue('hook', 4999)).toBe(5000)
      expect(await queue.nextDue('hook', 5000)).toBeUndefined()
      const [retried] = await ready(5000)
      expect(retried).toMatchObject({ eventId: 'evt_a1', attempts: 1, reason: 'it answered 500' })
    })

    test('lets the lane go on when its event leaves for the background', async () => {
      await put(['a', 1], ['a', 2])
      await queue.settle(await first(100), again(9000, 'background'), 110)
      expect(ids(await ready(110))).toEqual(['evt_a2'])
      expect(await ready(8999, 'background')).toEqual([])
      expect(ids(await ready(9000, 'background'))).toEqual(['evt_a1'])
      expect(ids(await queue.waiting({ place: 'background' }))).toEqual(['evt_a1'])
    })

    test('gives at most as many as asked for, the longest waiting first', async () => {
      await put(['a', 1], ['b', 1], ['c', 1])
      expect(ids(await queue.ready('hook', 'lane', 100, 2))).toEqual(['evt_a1', 'evt_b1'])
      await queue.settle(await first(100), again(300), 200)
      expect(ids(await ready(400))).toEqual(['evt_b1', 'evt_c1', 'evt_a1'])
    })

    test('keeps the answer of an endpoint until it is done', async () => {
      await put(['a', 1])
      await queue.answered(await first(100), [{ do: 'send', text: 'Hello' }])
      expect((await first(100)).answer).toEqual([{ do: 'send', text: 'Hello' }])
    })

    test('lists dead letters, and replays one at its place: before what waits in the conversation', async () => {
      await put(['a', 1], ['a', 2], ['a', 3], ['b', 1])
      await queue.settle(await first(100), { state: 'dead', reason: 'given up', status: 500 }, 110)
      await queue.settle((await ready(110)).find(({ conversation }) => conversation === 'a') as Delivery, done, 120)
      const [letter] = await queue.deadLetters()
      expect(letter).toEqual({
        ...{ endpoint: 'hook', eventId: 'evt_a1', conversation: 'a', seq: letter?.seq, attempts: 1 },
        ...{ reason: 'given up', status: 500, at: 110, event: messageEvent('a', 1) },
      })
      await put(['a', 4])
      // The third one is due already; the replayed one comes before the fourth.
      expect(await queue.replay('hook', 'evt_a1', 200)).toBe(1)
      expect(await queue.deadLetters()).toEqual([])
      const order: string[] = []
      for (let next = await first(300); next; next = await first(300)) {
        if (next.conversation === 'a') order.push(next.eventId)
        await queue.settle(next, done, 300)
      }
      expect(order).toEqual(['evt_a3', 'evt_a1', 'evt_a4'])
    })

    test('replays all dead letters of an endpoint in their order', async () => {
      await put(['a', 1], ['a', 2], ['a', 3])
      await queue.disable('hook', 'it said 410', 150)
      expect(await queue.replay('other', undefined, 160)).toBe(0)
      await queue.enable('hook')
      expect(await queue.replay('hook', undefined, 170)).toBe(3)
      const order: string[] = []
      for (let next = await first(300); next; next = await first(300)) {
        order.push(next.eventId)
        await queue.settle(next, done, 300)
      }
      expect(order).toEqual(['evt_a1', 'evt_a2', 'evt_a3'])
    })

    test('a disabled endpoint gets nothing: what waits and what comes are dead letters', async () => {
      await put(['a', 1])
      const taken = await first(100)
      await queue.disable('hook', 'it said 410', 150)
      await put(['a', 2])
      expect(await ready(1000)).toEqual([])
      expect(await queue.nextDue('hook', 0)).toBeUndefined()
      expect((await queue.deadLetters()).map(({ eventId, reason }) => [eventId, reason])).toEqual([
        ['evt_a1', 'it said 410'],
        ['evt_a2', 'it said 410'],
      ])
      // An attempt that was under way ends without a trace.
      await queue.settle(taken, again(5000), 160)
      expect(await ready(9000)).toEqual([])
      expect(await codeOf(queue.replay('hook', undefined, 200))).toBe('webhook/disabled')
      expect((await queue.health('hook')).disabled).toBe('it said 410')
      await queue.enable('hook')
      expect((await queue.health('hook')).disabled).toBeUndefined()
      await put(['a', 3])
      expect(ids(await ready(1000))).toEqual(['evt_a3'])
    })

    test('pages through dead letters', async () => {
      await put(['a', 1], ['a', 2], ['a', 3])
      await queue.disable('hook', 'off', 150)
      const page = await queue.deadLetters({ endpoint: 'hook', limit: 2 })
      expect(ids(page)).toEqual(['evt_a1', 'evt_a2'])
      expect(ids(await queue.deadLetters({ limit: 2, after: page[1]?.seq as number }))).toEqual(['evt_a3'])
      expect(await queue.deadLetters({ endpoint: 'other' })).toEqual([])
    })

    test('tells how an endpoint does', async () => {
      await put(['a', 1], ['a', 2])
      expect(await queue.health('hook')).toEqual({ endpoint: 'hook', failures: 0 })
      await queue.settle(await first(100), again(200), 110)
      const failing = { endpoint: 'hook', failures: 2, failingSince: 110, lastStatus: 500, lastAt: 210 }
      expect(await queue.settle(await first(200), again(300), 210)).toEqual(failing)
      const well = { endpoint: 'hook', failures: 0, lastStatus: 200, lastAt: 310 }
      expect(await queue.settle(await first(300), done, 310)).toEqual(well)
      expect(await queue.settle(await first(310), again(400), 320)).toMatchObject({ failingSince: 320, failures: 1 })
    })

    test('makes a secret once', async () => {
      const made = await queue.secret('tokens', () => new Uint8Array([1, 2, 3]))
      expect([...made]).toEqual([1, 2, 3])
      expect([...(await queue.secret('tokens', () => new Uint8Array([9])))]).toEqual([1, 2, 3])
    })

    test('forgets what is delivered and old, and old dead letters, and nothing that waits', async () => {
      await put(['a', 1], ['a', 2], ['b', 1])
      await queue.settle(await first(100), done, 110)
      const waiting = await ready(120)
      const [b1] = waiting.filter(({ eventId }) => eventId === 'evt_b1')
      await queue.settle(b1 as Delivery, { state: 'dead', reason: 'given up' }, 500)
      expect(await queue.forget(100)).toBe(0)
      expect(await queue.forget(400)).toBe(1)
      expect(ids(await queue.deadLetters())).toEqual(['evt_b1'])
      expect(await queue.forget(600)).toBe(1)
      expect(await queue.deadLetters()).toEqual([])
      expect(ids(await queue.waiting())).toEqual(['evt_a2'])
    })

    test('is over when it is closed', async () => {
      await queue.close()
      expect(await codeOf(queue.add(messageEvent('a', 1), ['hook'], 1))).toBe('usage/closed')
      expect(await codeOf(queue.waiting())).toBe('usage/closed')
    })

    test.runIf(reopen)('is the same after a restart', async () => {
      await put(['a', 1], ['a', 2], ['a', 3], ['b', 1])
      await queue.settle(await first(100), again(5000, 'background'), 110)
      await queue.secret('tokens', () => new Uint8Array([7]))
      const state = async () => ({
        ready: await ready(1000),
        waiting: await queue.waiting(),
        health: await queue.health('hook'),
        secret: [...(await queue.secret('tokens', () => new Uint8Array([8])))],
      })
      const before = await state()
      queue = await (reopen as (queue: Queue) => Promise<Queue>)(queue)
      expect(await state()).toEqual(before)
      expect(await queue.add(messageEvent('a', 1), ['hook'], 200)).toBe(false)
    })

    const shop = { name: 'hook', url: 'https://shop.example/dchat', keys: [{ key: 'whsec_a' }], isPrivate: false }

    test('keeps webhooks by name, and what a refused change would have made is not there', async () => {
      expect(await queue.changeWebhook('hook', () => shop)).toEqual(shop)
      await queue.changeWebhook('a', () => ({ ...shop, name: 'a', isPrivate: true, testedAt: 7 }))
      await queue.changeWebhook('hook', (known) => ({
        ...(known ?? shop),
        keys: [{ key: 'whsec_b' }, { key: 'whsec_a', until: 9 }],
      }))
      const refuse = () => {
        throw new DchatError('usage/invalid-argument', { name: 'name', reason: 'no' })
      }
      expect(await codeOf(queue.changeWebhook('hook', refuse))).toBe('usage/invalid-argument')
      const kept = reopen ? await reopen(queue) : queue
      queue = kept
      expect(await kept.webhooks()).toEqual([
        { ...shop, name: 'a', isPrivate: true, testedAt: 7 },
        { ...shop, keys: [{ key: 'whsec_b' }, { key: 'whsec_a', until: 9 }] },
      ])
    })

    test('forgets a webhook with what waits for it, and what it came to', async () => {
      await queue.changeWebhook('hook', () => shop)
      await put(['a', 1], ['a', 2], ['b', 1])
      await queue.settle(await first(100), { state: 'dead', reason: 'it answered 500' }, 110)
      await queue.add(messageEvent('a', 3), ['hook', 'other'], 120)
      await queue.disable('hook', 'gone', 130)
      expect(await queue.dropWebhook('hook')).toBe(true)
      expect(await queue.dropWebhook('hook')).toBe(false)
      expect([await queue.webhooks(), await queue.deadLetters()]).toEqual([[], []])
      expect((await queue.waiting()).map(({ endpoint, eventId }) => [endpoint, eventId])).toEqual([['other', 'evt_a3']])
      await queue.disable('hook', 'by a request that was under way', 140)
      await queue.changeWebhook('hook', () => shop)
      expect(await queue.health('hook')).toEqual({ endpoint: 'hook', failures: 0 })
    })
  })
}
