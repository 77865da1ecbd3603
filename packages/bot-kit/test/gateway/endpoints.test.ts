import type { ServerResponse } from 'node:http'
import { Webhook as Official } from 'standardwebhooks'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { runGateway } from '../../src/gateway/gateway.ts'
import type { GatewayProblem } from '../../src/gateway/problem.ts'
import { createWebhook } from '../../src/gateway/webhook.ts'
import { memoryQueue } from '../../src/queue/memory.ts'
import { createWebhookKeyPair, createWebhookSecret, parseWebhookKey } from '../../src/webhooks/keys.ts'
import { createPoster } from '../../src/webhooks/post.ts'
import { messageEvent } from '../support/events.ts'
import { listen, type Received } from '../support/http.ts'
import { settle, simClock } from '../support/sim-clock.ts'
import { eventLog } from '../support/source.ts'

/**
 * Programs that misbehave, over real HTTP and a clock that is moved: the official library verifies every request that they get,
 * whatever it is the third or the eighth attempt of.
 */

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

const stops: (() => Promise<void>)[] = []
beforeEach(() => {
  // The official library asks for the time itself.
  vi.useFakeTimers({ toFake: ['Date'] })
})
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
  vi.useRealTimers()
})

interface Request {
  /** ms since the beginning. */
  readonly at: number
  readonly id: string
  readonly conversation: string
}

type Answer = (response: ServerResponse, request: Request, count: number) => unknown

/** A gateway with one webhook, to which three events of one conversation and one of another are delivered. */
const start = async (answer: Answer, { timeout = 15_000 } = {}) => {
  const clock = simClock()
  const began = clock.now()
  const secret = createWebhookSecret()
  const requests: Request[] = []
  const unverified: unknown[] = []
  const server = await listen(({ headers, body }: Received, response) => {
    vi.setSystemTime(clock.now())
    let told: ReturnType<typeof messageEvent>
    try {
      told = new Official(secret).verify(body, headers) as typeof told
    } catch (error) {
      unverified.push(error)
      return response.writeHead(401).end()
    }
    const { event_id: id, conversation } = told.data
    const request = { at: clock.now() - began, id, conversation: conversation.id }
    requests.push(request)
    return answer(response, request, requests.filter((one) => one.id === id).length)
  })
  const poster = createPoster({ allowPrivateTargets: [server.host] })
  const problems: GatewayProblem[] = []
  const unusable: string[] = []
  const keys = [secret, createWebhookKeyPair().secret].map((key) => ({ key: parseWebhookKey(key) }))
  const webhook = createWebhook({
    ...{ name: 'shop', url: server.url, keys, poster, clock, timeout },
    onUnusable: (id) => unusable.push(id),
  })
  let inFlight = 0
  const endpoint: typeof webhook = {
    ...webhook,
    deliver: async (...args) => {
      inFlight += 1
      return webhook.deliver(...args).finally(() => {
        inFlight -= 1
      })
    },
  }
  const log = eventLog()
  const queue = memoryQueue()
  const acted: string[] = []
  const stop = new AbortController()
  const running = runGateway(
    {
      ...{ source: log.source, queue, endpoints: [endpoint], clock, lookAgain: 1_000 * HOUR },
      act: async ({ data }) => acted.push(data.event_id),
      onProblem: (problem) => problems.push(problem),
      // Halfway: no jitter.
      random: () => new Uint8Array([0x80, 0, 0, 0]),
    },
    { signal: stop.signal },
  )
  running.catch(() => undefined)
  stops.push(async () => {
    stop.abort()
    await server.close()
    await clock.advance(MINUTE)
    await running
    await poster.close()
  })
  /** What is on its way comes to its end, however long that takes on this machine. */
  const arrived = async (): Promise<void> => {
    for (let quiet = 0; quiet < 3; quiet = inFlight > 0 ? 0 : quiet + 1) await settle()
  }
  const events = ['a', 'a', 'a', 'b'].map((conversation, at) => messageEvent(conversation, at + 1))
  log.push(...events)
  await arrived()
  return {
    ...{ requests, problems, unusable, queue, acted },
    /** Moves time, half a minute after the other. */
    pass: async (ms: number) => {
      for (let passed = 0; passed < ms; passed += MINUTE / 2) {
        await clock.advance(Math.min(MINUTE / 2, ms - passed))
        await arrived()
      }
    },
    expectVerified: () => {
      expect(unverified).toEqual([])
      expect(requests.length).toBeGreaterThan(0)
    },
  }
}

const ALL = ['evt_a1', 'evt_a2', 'evt_a3', 'evt_b4']
const done: Answer = (response, { id }) =>
  response
    .setHeader('content-type', 'application/json')
    .end(JSON.stringify({ v: 1, actions: [{ do: 'send', client_id: 'x', text: id }] }))
const of = (requests: readonly Request[], conversation: string) =>
  requests.filter((one) => one.conversation === conversation).map(({ id }) => id)

test('down for an hour: every event is handled once it is back, and acted on once', async () => {
  const { requests, acted, pass, queue, problems, expectVerified } = await start((response, request, count) =>
    request.at < HOUR ? response.destroy() : done(response, request, count),
  )
  expect(acted).toEqual([])
  await pass(24 * HOUR)
  expectVerified()
  expect(acted.toSorted()).toEqual(ALL)
  expect(
    requests
      .filter(({ at }) => at >= HOUR)
      .map(({ id }) => id)
      .toSorted(),
  ).toEqual(ALL)
  expect(await queue.waiting()).toEqual([])
  expect(problems.every(({ type }) => type === 'delivery.failed')).toBe(true)
})

test('slow: two attempts of the first are too late, and its conversation waits for it', async () => {
  const late: Answer = (response, request, count) =>
    request.id === 'evt_a1' && count <= 2 ? undefined : done(response, request, count)
  const { requests, acted, pass, expectVerified } = await start(late, { timeout: 1_500 })
  await pass(10 * MINUTE)
  expectVerified()
  expect(of(requests, 'a')).toEqual(['evt_a1', 'evt_a1', 'evt_a1', 'evt_a2', 'evt_a3'])
  expect(of(requests, 'b')).toEqual(['evt_b4'])
  expect(acted).toEqual(['evt_b4', 'evt_a1', 'evt_a2', 'evt_a3'])
})

test('500: an event that never works holds its conversation for five minutes, comes eight times, and is a dead letter', async () => {
  const { requests, acted, pass, queue, expectVerified } = await start((response, request, count) =>
    request.id === 'evt_a1' ? response.writeHead(500).end() : done(response, request, count),
  )
  await pass(4 * MINUTE)
  expect(acted).toEqual(['evt_b4'])
  await pass(2 * MINUTE)
  expect(acted).toEqual(['evt_b4', 'evt_a2', 'evt_a3'])
  await pass(30 * HOUR)
  expectVerified()
  expect(requests.filter(({ id }) => id === 'evt_a1')).toHaveLength(8)
  expect(await queue.deadLetters()).toMatchObject([{ eventId: 'evt_a1', attempts: 8, status: 500 }])
})

test('429 with retry-after: nothing at all comes until then, and then everything in order', async () => {
  const { requests, acted, pass, expectVerified } = await start((response, request, count) =>
    request.at < MINUTE ? response.writeHead(429, { 'retry-after': '1800' }).end() : done(response, request, count),
  )
  await pass(30 * MINUTE - SECOND)
  const refused = requests.length
  expect(refused).toBeLessThanOrEqual(2)
  expect(acted).toEqual([])
  await pass(10 * MINUTE)
  expectVerified()
  expect(of(requests.slice(refused), 'a')).toEqual(['evt_a1', 'evt_a2', 'evt_a3'])
  expect(acted.toSorted()).toEqual(ALL)
})

test('410: nothing comes any more, and what waits is kept as dead letters', async () => {
  const { requests, acted, pass, queue, problems, expectVerified } = await start((response) =>
    response.writeHead(410).end(),
  )
  const told = requests.length
  await pass(24 * HOUR)
  expectVerified()
  expect(requests).toHaveLength(told)
  // Both conversations were on their way.
  expect(told).toBeLessThanOrEqual(2)
  expect(acted).toEqual([])
  expect((await queue.deadLetters()).map(({ eventId }) => eventId).toSorted()).toEqual(ALL)
  expect(problems.filter(({ type }) => type === 'endpoint.disabled')).toHaveLength(1)
})

test.each([
  ['JSON that ends in the middle', '{"v":1,"acti'],
  ['JSON that is no answer', '[1,2,3]'],
  ['an action that there is not', '{"v":1,"actions":[{"do":"launch"}]}'],
  ['bytes', Buffer.from([0xff, 0xfe, 0x00])],
])('garbage, %s: the event counts as handled, and the operator is told', async (_, body) => {
  const { requests, acted, unusable, pass, queue, expectVerified } = await start((response) =>
    response.setHeader('content-type', 'application/json').end(body),
  )
  await pass(HOUR)
  expectVerified()
  expect(requests.map(({ id }) => id).toSorted()).toEqual(ALL)
  expect(unusable.toSorted()).toEqual(ALL)
  expect(acted).toEqual([])
  expect(await queue.waiting()).toEqual([])
})
