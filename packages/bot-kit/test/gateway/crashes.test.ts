import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Endpoint } from '../../src/gateway/endpoint.ts'
import { runGateway } from '../../src/gateway/gateway.ts'
import type { EventSource } from '../../src/gateway/intake.ts'
import { LANE_ATTEMPTS, SCHEDULE } from '../../src/gateway/schedule.ts'
import { memoryQueue } from '../../src/queue/memory.ts'
import type { Queue } from '../../src/queue/queue.ts'
import { messageEvent } from '../support/events.ts'
import { type SimClock, simClock } from '../support/sim-clock.ts'
import { eventLog } from '../support/source.ts'

/**
 * The gateway against a model, over simulated time: events of some conversations, endpoints that fail as often as they
 * like, and a kill before or after any step. The queue, the source and the endpoint are what survives.
 */

interface Plan {
  /** For each event its conversation, how often the endpoint fails before it takes it, and how long it takes, ms. */
  readonly events: readonly { readonly conversation: number; readonly failures: number; readonly takes: number }[]
  /** Steps that each life of the gateway has; the last one is not killed. */
  readonly lives: readonly number[]
}

interface Handling {
  readonly id: string
  readonly conversation: string
  readonly index: number
  readonly failures: number
  readonly ok: boolean
}

const never = <T>(): Promise<T> => new Promise<T>(() => {})

/** A process that dies at its nth step: before it or after it, and from then on nothing in it goes on. */
const mortal = (steps: number) => {
  let left = steps
  let alive = true
  let died = () => {}
  const death = new Promise<void>((resolve) => {
    died = resolve
  })
  const step = (): boolean => {
    left -= 1
    if (left <= 0 && alive) {
      alive = false
      died()
    }
    return alive
  }
  const guard =
    <Args extends unknown[], T>(work: (...args: Args) => Promise<T>, turns = 0) =>
    async (...args: Args): Promise<T> => {
      if (!step()) return never()
      // The way to the disk, on which others go on and the process may end.
      for (let turn = 0; turn < turns; turn += 1) await undefined
      if (!alive) return never()
      const result = await work(...args)
      return step() ? result : never()
    }
  return { guard, death, alive: () => alive }
}

const guarded = (queue: Queue, guard: ReturnType<typeof mortal>['guard']): Queue => ({
  ...queue,
  add: guard(queue.add, 20),
  ready: guard(queue.ready),
  answered: guard(queue.answered),
  settle: guard(queue.settle),
})

const live = async (plan: Plan) => {
  const clock: SimClock = simClock()
  const queue = memoryQueue()
  const log = eventLog()
  const handlings: Handling[] = []
  const acted: string[] = []
  const failed = new Map<string, number>()
  const counts = new Map<number, number>()
  const specs = new Map<string, { readonly failures: number; readonly takes: number }>()
  const events = plan.events.map(({ conversation, failures, takes }) => {
    const index = (counts.get(conversation) ?? 0) + 1
    counts.set(conversation, index)
    const event = messageEvent(`c${conversation}`, index)
    specs.set(event.data.event_id, { failures, takes })
    return event
  })
  log.push(...events)

  const run = async (steps: number): Promise<void> => {
    const { guard, death, alive } = mortal(steps)
    const own = clock.processClock(alive)
    const source: EventSource<number> = {
      arrivals: (options) => log.source.arrivals(options) as AsyncIterable<{ cursor: number }>,
      ack: guard(log.source.ack as (cursor: number) => Promise<void>),
    }
    const endpoint: Endpoint = {
      name: 'hook',
      deliver: guard(async (event) => {
        const { event_id: id, conversation, seq: index } = event.data
        const { failures, takes } = specs.get(id) as { failures: number; takes: number }
        if (takes > 0) await own.sleep(takes)
        const before = failed.get(id) ?? 0
        const ok = before >= failures
        handlings.push({ id, conversation: conversation.id, index, failures, ok })
        if (ok) return { state: 'done', actions: [{ do: 'send', text: id }] }
        failed.set(id, before + 1)
        return { state: 'again', reason: 'it answered 500' }
      }),
    }
    const act = guard(async (event: { data: { event_id: string } }) => {
      acted.push(event.data.event_id)
    })
    const stop = new AbortController()
    const options = { source, queue: guarded(queue, guard), endpoints: [endpoint], act, clock: own, lookAgain: 1e9 }
    const running = runGateway(options, { signal: stop.signal })
    running.catch(() => undefined)
    let dead = false
    void death.then(() => {
      dead = true
    })
    const over = async () => dead || (log.acked() === events.length && (await queue.waiting({ limit: 1 })).length === 0)
    await clock.runUntil(over)
    stop.abort()
    if (!dead) await running
  }
  for (const steps of plan.lives) await run(steps)
  await run(Number.POSITIVE_INFINITY)
  return { handlings, acted, dead: await queue.deadLetters({ limit: 1000 }), events }
}

const check = ({ handlings, acted, dead, events }: Awaited<ReturnType<typeof live>>): void => {
  const letters = new Set(dead.map(({ eventId }) => eventId))
  const ok = new Set(handlings.filter((one) => one.ok).map(({ id }) => id))
  for (const { data } of events) {
    expect(ok.has(data.event_id) !== letters.has(data.event_id), `${data.event_id} is handled or a dead letter`).toBe(
      true,
    )
    if (ok.has(data.event_id)) expect(acted, 'what was answered is done').toContain(data.event_id)
  }
  for (const conversation of new Set(handlings.map((one) => one.conversation))) {
    const own = handlings.filter((one) => one.conversation === conversation)
    // Repetitions aside, those that never left their lane are in order.
    const inLane = own.filter(({ failures }) => failures < LANE_ATTEMPTS).map(({ index }) => index)
    expect(inLane).toEqual(inLane.toSorted((a, b) => a - b))
    for (const [place, one] of own.entries()) {
      const before = own.slice(0, place)
      for (const earlier of events.filter(
        ({ data }) => data.conversation.id === conversation && data.seq < one.index,
      )) {
        const tries = before.filter(({ id }) => id === earlier.data.event_id)
        const passed = tries.some(({ ok }) => ok) || tries.length >= LANE_ATTEMPTS
        expect(passed, `${one.id} waits for ${earlier.data.event_id}`).toBe(true)
      }
    }
  }
}

const plan: fc.Arbitrary<Plan> = fc.record({
  events: fc.array(
    fc.record({
      conversation: fc.nat({ max: 3 }),
      failures: fc.oneof(
        { weight: 6, arbitrary: fc.constant(0) },
        { weight: 3, arbitrary: fc.integer({ min: 1, max: 2 }) },
        { weight: 1, arbitrary: fc.integer({ min: 3, max: SCHEDULE.length + 2 }) },
      ),
      takes: fc.constantFrom(0, 0, 10, 4000),
    }),
    { minLength: 1, maxLength: 14 },
  ),
  lives: fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 6 }),
})

test('whenever it is killed: every event handled at least once, in order but for those that left their lane', async () => {
  await fc.assert(
    fc.asyncProperty(plan, async (one) => check(await live(one))),
    { numRuns: 60 },
  )
})
