import { DchatError } from '@dchat/sdk/errors'
import { afterEach, expect, test } from 'vitest'
import type { Action } from '../../src/actions/action.ts'
import type { BotEvent } from '../../src/events/event.ts'
import type { Act } from '../../src/gateway/attempt.ts'
import type { Delivered, Endpoint } from '../../src/gateway/endpoint.ts'
import { runGateway } from '../../src/gateway/gateway.ts'
import type { GatewayProblem } from '../../src/gateway/problem.ts'
import { memoryQueue } from '../../src/queue/memory.ts'
import type { Queue } from '../../src/queue/queue.ts'
import { messageEvent } from '../support/events.ts'
import { settle, simClock } from '../support/sim-clock.ts'
import { eventLog } from '../support/source.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

type Deliver = (event: BotEvent, options: { attempt: number; signal: AbortSignal }) => Promise<Delivered>

const textOf = (event: BotEvent): string => (event.type === 'message.created' ? event.data.message.text : event.type)
const fail = (status = 500): Delivered => ({ state: 'again', reason: `it answered ${status}`, status })

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

/** A gateway over a simulated clock, and everything that it did. */
const start = (deliver: Deliver, more: { act?: Act; queue?: Queue; maxConnections?: number } = {}) => {
  const clock = simClock()
  const { queue = memoryQueue(), act = async () => undefined, ...rest } = more
  const log = eventLog()
  const problems: GatewayProblem[] = []
  const handled: { readonly text: string; readonly at: number; readonly attempt: number }[] = []
  const began = clock.now()
  const endpoint: Endpoint = {
    name: 'hook',
    deliver: async (event, options) => {
      handled.push({ text: textOf(event), at: clock.now() - began, attempt: options.attempt })
      return deliver(event, options)
    },
  }
  const stop = new AbortController()
  const running = runGateway(
    {
      ...{ source: log.source, queue, endpoints: [endpoint], act, clock, lookAgain: DAY, ...rest },
      onProblem: (problem) => problems.push(problem),
      // Halfway: no jitter.
      random: () => new Uint8Array([0x80, 0, 0, 0]),
    },
    { signal: stop.signal },
  )
  running.catch(() => undefined)
  stops.push(async () => {
    stop.abort()
    await clock.advance(MINUTE)
    await running.catch(() => undefined)
  })
  const texts = () => handled.map(({ text }) => text)
  return { clock, queue, log, problems, handled, texts, running, stop }
}

test('one conversation is in order, one event at a time; others are not held up by it', async () => {
  const open: (() => void)[] = []
  const { log, texts } = start(async (event) => {
    if (textOf(event) === 'a 1') await new Promise<void>((resolve) => open.push(resolve))
    return { state: 'done' }
  })
  log.push(messageEvent('a', 1), messageEvent('a', 2), messageEvent('b', 1), messageEvent('b', 2))
  await settle()
  expect(texts()).toEqual(['a 1', 'b 1', 'b 2'])
  for (const go of open) go()
  await settle()
  expect(texts()).toEqual(['a 1', 'b 1', 'b 2', 'a 2'])
})

test('at most so many conversations are in flight', async () => {
  let [now, most] = [0, 0]
  const { log, clock, handled } = start(
    async () => {
      now += 1
      most = Math.max(most, now)
      await settle()
      now -= 1
      return { state: 'done' }
    },
    { maxConnections: 3 },
  )
  log.push(...Array.from({ length: 20 }, (_, index) => messageEvent(`c${index}`, 1)))
  await clock.runUntil(() => handled.length === 20)
  expect(most).toBe(3)
})

test('a failing event holds its conversation for three attempts, about five minutes, and then goes on by itself', async () => {
  const { log, clock, handled, queue } = start(async (event) => (textOf(event) === 'a 1' ? fail() : { state: 'done' }))
  log.push(messageEvent('a', 1), messageEvent('a', 2))
  await clock.advance(10 * MINUTE)
  expect(handled.map(({ text, at }) => [text, at])).toEqual([
    ['a 1', 0],
    ['a 1', 5_000],
    ['a 1', 305_000],
    ['a 2', 305_000],
  ])
  const parked = await queue.waiting({ place: 'background' })
  expect(parked.map(({ eventId, attempts, reason }) => [eventId, attempts, reason])).toEqual([
    ['evt_a1', 3, 'it answered 500'],
  ])
  await clock.advance(2 * DAY)
  expect(handled.filter(({ text }) => text === 'a 1').map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  expect(await queue.deadLetters()).toMatchObject([{ eventId: 'evt_a1', attempts: 8, status: 500 }])
})

test('a rejection of an endpoint is a failed attempt, and its reason quotes nothing', async () => {
  const { log, problems } = start(async () => {
    throw new Error('secret text of a message')
  })
  log.push(messageEvent('a', 1))
  await settle()
  expect(problems).toEqual([
    { type: 'delivery.failed', endpoint: 'hook', eventId: 'evt_a1', attempt: 1, reason: 'Error' },
  ])
})

test('an endpoint that asks for a pause gets nothing of any conversation meanwhile', async () => {
  let busy = true
  const { log, clock, handled } = start(async () =>
    busy ? { state: 'again', reason: 'it answered 429', status: 429, after: HOUR } : { state: 'done' },
  )
  log.push(messageEvent('a', 1))
  await settle()
  busy = false
  log.push(messageEvent('b', 1))
  await clock.advance(HOUR - 1)
  expect(handled).toHaveLength(1)
  await clock.advance(1)
  expect(handled.map(({ text }) => text).toSorted()).toEqual(['a 1', 'a 1', 'b 1'])
})

test('an endpoint that is gone is told, and gets nothing more until it is enabled and the rest is replayed', async () => {
  let gone = true
  const { log, clock, handled, problems, queue } = start(async () =>
    gone ? { state: 'gone', status: 410 } : { state: 'done' },
  )
  log.push(messageEvent('a', 1), messageEvent('a', 2))
  await settle()
  log.push(messageEvent('a', 3))
  await clock.advance(DAY)
  expect(handled).toHaveLength(1)
  expect(problems).toEqual([{ type: 'endpoint.disabled', endpoint: 'hook', reason: expect.stringContaining('410') }])
  gone = false
  await queue.enable('hook')
  await queue.replay('hook', undefined, clock.now())
  log.push(messageEvent('a', 4))
  await settle()
  expect(handled.map(({ text }) => text)).toEqual(['a 1', 'a 1', 'a 2', 'a 3', 'a 4'])
})

test('five days of failures only disable an endpoint, and one success does not let it come to that', async () => {
  for (const lucky of [false, true]) {
    let attempts = 0
    const { log, clock, problems } = start(async () => {
      attempts += 1
      return lucky && attempts === 12 ? { state: 'done' } : fail(503)
    })
    for (let day = 0; day < 6; day += 1) {
      log.push(messageEvent('a', day))
      await clock.advance(DAY)
    }
    expect(problems.filter(({ type }) => type === 'endpoint.disabled')).toHaveLength(lucky ? 0 : 1)
  }
})

test('after an outage the backlog comes in order', async () => {
  const log = eventLog()
  log.push(...Array.from({ length: 300 }, (_, index) => messageEvent(`c${index % 7}`, index)))
  const { log: live, clock, texts, handled } = start(async () => ({ state: 'done' }))
  live.push(...Array.from({ length: 300 }, (_, index) => messageEvent(`c${index % 7}`, index)))
  await clock.runUntil(() => handled.length === 300)
  for (let conversation = 0; conversation < 7; conversation += 1) {
    const own = texts().filter((text) => text.startsWith(`c${conversation} `))
    const numbers = own.map((text) => Number(text.split(' ')[1]))
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
  }
  expect(live.acked()).toBe(300)
})

test('what an endpoint answers is done, and asked for again where only that failed', async () => {
  const done: (readonly Action[])[] = []
  let failures = 2
  const actions: readonly Action[] = [{ do: 'send', text: 'Hello' }]
  const { log, clock, handled, queue } = start(async () => ({ state: 'done', actions }), {
    act: async (event, given) => {
      if (failures-- > 0) throw new DchatError('storage/unavailable', { store: 'x', reason: 'busy' })
      expect(event.data.event_id).toBe('evt_a1')
      done.push(given)
    },
  })
  log.push(messageEvent('a', 1))
  await clock.advance(10 * MINUTE)
  expect(done).toEqual([actions])
  expect(handled).toHaveLength(1)
  expect(await queue.waiting()).toEqual([])
})

test('an answer that the client refuses is told to the operator, and the event is handled', async () => {
  const { log, problems, queue } = start(async () => ({ state: 'done', actions: [{ do: 'none' }] }), {
    act: async () => {
      throw new DchatError('message/unknown', { messageId: 'x' })
    },
  })
  log.push(messageEvent('a', 1))
  await settle()
  expect(problems).toMatchObject([{ type: 'answer.unusable', eventId: 'evt_a1' }])
  expect(await queue.waiting()).toEqual([])
})

test('a stop lets what is in flight come to its end, and begins nothing', async () => {
  let end = () => {}
  const { log, clock, texts, queue, running, stop } = start(async () => {
    await new Promise<void>((resolve) => {
      end = resolve
    })
    return { state: 'done' }
  })
  log.push(messageEvent('a', 1), messageEvent('a', 2))
  await settle()
  stop.abort()
  await clock.advance(14_000)
  end()
  await running
  expect(texts()).toEqual(['a 1'])
  expect((await queue.waiting()).map(({ eventId, attempts }) => [eventId, attempts])).toEqual([['evt_a2', 0]])
})

test('a stop does not wait for ever: what was cut off does not count as an attempt', async () => {
  const { log, clock, queue, running, stop } = start(
    (_, { signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  )
  log.push(messageEvent('a', 1))
  await settle()
  stop.abort()
  await clock.advance(15_000)
  await running
  expect(await queue.waiting()).toMatchObject([{ eventId: 'evt_a1', attempts: 0 }])
})

test.each(['add', 'settle', 'ready'] as const)(
  'a queue that fails to %s ends the gateway with its error',
  async (name) => {
    const disk = new DchatError('storage/full', { store: 'queue.db' })
    const queue: Queue = { ...memoryQueue(), [name]: () => Promise.reject(disk) }
    const { log, clock, running } = start(async () => ({ state: 'done' }), { queue })
    log.push(messageEvent('a', 1))
    await clock.advance(MINUTE)
    await expect(running).rejects.toBe(disk)
  },
)

test('two endpoints cannot have one name', async () => {
  const endpoint: Endpoint = { name: 'hook', deliver: async () => ({ state: 'done' }) }
  const options = { source: eventLog().source, queue: memoryQueue(), act: async () => undefined }
  const running = runGateway({ ...options, endpoints: [endpoint, endpoint] }, { signal: AbortSignal.timeout(1000) })
  await expect(running).rejects.toMatchObject({ code: 'usage/invalid-argument' })
})
