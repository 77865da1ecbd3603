import { randomBytes } from 'node:crypto'
import type { Abortable, Clock } from '@dchat/sdk'
import { DchatError } from '@dchat/sdk/errors'
import { systemClock } from '../clock.ts'
import type { Queue } from '../queue/queue.ts'
import type { Act } from './attempt.ts'
import { createAttended } from './attended.ts'
import type { Endpoint, EndpointFeed } from './endpoint.ts'
import { type EventSource, takeIn } from './intake.ts'
import { LOOK_AGAIN, runLanes } from './lanes.ts'
import type { GatewayProblem } from './problem.ts'

export interface GatewayOptions<Cursor = unknown> {
  readonly source: EventSource<Cursor>
  /** The caller closes it, after the gateway has ended. */
  readonly queue: Queue
  readonly endpoints: readonly Endpoint[]
  /** More of them, which come and go. One that has the name of another is passed over. */
  readonly feed?: EndpointFeed
  /** Does what webhooks answer. */
  readonly act: Act
  /** Tells the operator. */
  readonly onProblem?: (problem: GatewayProblem) => void
  /** Events in flight at each endpoint. Default 40. */
  readonly maxConnections?: number
  /** How long a stop waits for what is in flight, ms. Default 15,000. */
  readonly grace?: number
  /** How often queue and feed are looked at for what another program put into them, ms. Default 10,000. */
  readonly lookAgain?: number
  readonly clock?: Clock
  readonly random?: (length: number) => Uint8Array
}

/** A random number from 0 up to 1. */
const chanceOf = (random: (length: number) => Uint8Array) => (): number => {
  const bytes = random(4)
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) / 2 ** 32
}

/**
 * Brings events from the source to the endpoints, by way of the queue: each at least once, in order per conversation and
 * endpoint, whenever the process ends. Works until `signal` is aborted: then nothing more begins, what is in flight comes to
 * its end, and it resolves. Rejects with the errors of the source and of the queue; a failing endpoint is none.
 * Throws `usage/invalid-argument` where two endpoints have the same name.
 */
export const runGateway = async <Cursor>(
  options: GatewayOptions<Cursor>,
  { signal }: Required<Abortable>,
): Promise<void> => {
  const { source, queue, endpoints, act, grace = 15_000, clock = systemClock } = options
  const { onProblem = () => undefined, random = randomBytes, maxConnections, lookAgain = LOOK_AGAIN, feed } = options
  const names = endpoints.map(({ name }) => name)
  if (new Set(names).size < names.length)
    throw new DchatError('usage/invalid-argument', { name: 'endpoints', reason: 'two have the same name' })

  const failed = new AbortController()
  const hard = new AbortController()
  const stop = AbortSignal.any([failed.signal, ...(signal ? [signal] : [])])
  const limits = { lookAgain, ...(maxConnections !== undefined && { maxConnections }) }
  const shared = { queue, act, clock, onProblem, chance: chanceOf(random) }
  const fail = (error: unknown): void => failed.abort(error)
  const attended = createAttended(
    (endpoint, { signal: over }) =>
      runLanes(
        { ...shared, endpoint, ...limits },
        { stop: AbortSignal.any([stop, ...(over ? [over] : [])]), hard: hard.signal },
      ),
    fail,
  )
  const add: Parameters<typeof takeIn>[1]['add'] = async (event) => {
    const added = await queue.add(event, attended.names(), clock.now())
    attended.wake()
    return added
  }
  const all = async (): Promise<readonly Endpoint[]> => {
    const more = (await feed?.list()) ?? []
    return [...endpoints, ...more.filter(({ name }) => !names.includes(name))]
  }
  const follow = async (): Promise<void> => {
    while (!stop.aborted) {
      await clock.sleep(lookAgain, { signal: stop }).catch((error: unknown) => {
        if (!stop.aborted) throw error
      })
      const found = stop.aborted ? [] : await all()
      if (!stop.aborted) attended.set(found)
    }
  }
  // The first event finds those that are there already.
  attended.set(feed ? await all() : endpoints)
  // One that fails ends the others too.
  const parts = [takeIn(source, { add, signal: stop }), ...(feed ? [follow()] : [])].map((part) =>
    part.catch((error: unknown) => {
      fail(error)
      throw error
    }),
  )
  const ended = Promise.allSettled([...parts, aborted(stop).then(() => attended.done())])
  const over = new AbortController()
  const patience = async (): Promise<void> => {
    await aborted(stop)
    await clock.sleep(grace, { signal: over.signal })
    hard.abort(new DchatError('usage/closed', { what: 'gateway' }))
  }
  patience().catch(() => undefined)
  const results = await ended
  over.abort()
  const failure = results.find((result) => result.status === 'rejected')
  if (failure) throw failure.reason
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
