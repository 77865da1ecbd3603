import type { Clock } from '@dchat/sdk'
import { isDchatError } from '@dchat/sdk/errors'
import type { Action } from '../actions/action.ts'
import type { BotEvent } from '../events/event.ts'
import type { Delivery, EndpointHealth, Queue } from '../queue/queue.ts'
import type { Delivered, Endpoint } from './endpoint.ts'
import { type GatewayProblem, reasonOf } from './problem.ts'
import { DISABLE_AFTER, DISABLE_FAILURES, decide, GONE } from './schedule.ts'

/** Does what an endpoint answered, each action once however often it is asked for. */
export type Act = (
  event: BotEvent,
  actions: readonly Action[],
  options: { readonly endpoint: string; readonly signal: AbortSignal },
) => Promise<unknown>

export interface AttemptParts {
  readonly queue: Queue
  readonly endpoint: Endpoint
  readonly act: Act
  readonly clock: Clock
  /** A random number from 0 up to 1. */
  readonly chance: () => number
  readonly onProblem: (problem: GatewayProblem) => void
}

/** What the client cannot do now it may be able to do later; what it refuses it refuses for good. */
const mayWorkLater = (error: unknown): boolean =>
  !isDchatError(error) || error.retryable || isDchatError(error, 'usage/closed')

/** A rejection counts as a failed attempt. */
const caught = (work: Promise<Delivered>): Promise<Delivered> =>
  work.catch((error: unknown): Delivered => ({ state: 'again', reason: reasonOf(error) }))

const perform = async (
  parts: AttemptParts,
  delivery: Delivery,
  actions: readonly Action[],
  signal: AbortSignal,
): Promise<void> => {
  const { endpoint, eventId } = delivery
  try {
    await parts.act(delivery.event, actions, { endpoint, signal })
  } catch (error) {
    if (mayWorkLater(error)) throw error
    parts.onProblem({ type: 'answer.unusable', endpoint, eventId, reason: reasonOf(error) })
  }
}

/** Hands the event over, unless that is done, and does what was answered. Rejects where the queue does. */
const handle = async (parts: AttemptParts, delivery: Delivery, signal: AbortSignal): Promise<Delivered> => {
  const { endpoint, queue } = parts
  const { event, attempts, answer } = delivery
  const delivered: Delivered = answer
    ? { state: 'done', actions: answer }
    : await caught(endpoint.deliver(event, { attempt: attempts + 1, signal }))
  const actions = delivered.state === 'done' ? (delivered.actions ?? []) : []
  if (actions.length === 0) return delivered
  if (!answer) await queue.answered(delivery, actions)
  return caught(perform(parts, delivery, actions, signal).then(() => delivered))
}

const FAILING = 'it did nothing but fail for five days'

const failsForGood = ({ failingSince, failures }: EndpointHealth, now: number): boolean =>
  failingSince !== undefined && now - failingSince >= DISABLE_AFTER && failures >= DISABLE_FAILURES

const tell = (parts: AttemptParts, delivery: Delivery, delivered: Delivered, dead: boolean): void => {
  if (delivered.state === 'done' || delivered.state === 'gone') return
  const { endpoint, eventId, attempts } = delivery
  const { reason } = delivered
  if (dead) parts.onProblem({ type: 'delivery.dead', endpoint, eventId, reason })
  else parts.onProblem({ type: 'delivery.failed', endpoint, eventId, attempt: attempts + 1, reason })
}

/**
 * One attempt and its outcome, durable when it resolves; resolves to what the endpoint said, or undefined where `signal`
 * ended it: then the attempt does not count. Rejects where the queue does.
 */
export const attempt = async (
  parts: AttemptParts,
  delivery: Delivery,
  signal: AbortSignal,
): Promise<Delivered | undefined> => {
  const { queue, endpoint, clock, onProblem } = parts
  const delivered = await handle(parts, delivery, signal)
  if (signal.aborted && delivered.state === 'again') return undefined
  const now = clock.now()
  const outcome = decide(delivery, delivered, now, parts.chance())
  const health = await queue.settle(delivery, outcome, now)
  tell(parts, delivery, delivered, outcome.state === 'dead')
  const reason = delivered.state === 'gone' ? GONE : failsForGood(health, now) ? FAILING : undefined
  if (reason !== undefined && health.disabled === undefined) {
    await queue.disable(endpoint.name, reason, now)
    onProblem({ type: 'endpoint.disabled', endpoint: endpoint.name, reason })
  }
  return delivered
}
