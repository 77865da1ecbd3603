import { DchatError, isDchatError } from '@dchat/sdk'
import type { Action } from '../actions/action.ts'
import { systemClock } from '../clock.ts'
import { type BotEvent, eventSchema } from '../events/event.ts'
import { type BotStore, memoryBotStore } from '../store/bot-store.ts'
import { verifyWebhook } from '../webhooks/signature.ts'
import { answerList, withoutClient } from './answer-list.ts'
import { createAnswered } from './answered.ts'
import type { Running } from './create-context.ts'

/** Bytes of an event. */
const LIMIT = 1024 * 1024

const TYPES: readonly unknown[] = eventSchema.options.map(({ shape }) => shape.type.value)

const json = (status: number, content: object, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(`${JSON.stringify(content)}\n`, { status, headers: { 'content-type': 'application/json', ...headers } })

const bodyOf = async ({ body }: Request): Promise<Uint8Array | undefined> => {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of (body ?? []) as AsyncIterable<Uint8Array>) {
    size += part.length
    if (size > LIMIT) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts)
}

const jsonIn = (body: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return undefined
  }
}

interface Unread {
  readonly type?: unknown
  readonly data?: { readonly challenge?: unknown }
}

export interface FetchParts {
  /** Those that verify: `whsec_…`, `whpk_…`. */
  readonly secrets: readonly string[]
  readonly store: BotStore | undefined
  readonly dispatch: (event: BotEvent, running: Running, signal: AbortSignal) => Promise<unknown>
}

/** The bot as a handler of requests, as Standard Webhooks 1.0.0 asks for. Rejects with what no `catch` took. */
export const createFetch = ({ secrets, store = memoryBotStore(), dispatch }: FetchParts) => {
  const answered = createAnswered(store)
  /** A retry may come while the first attempt is at work. */
  const atWork = new Map<string, Promise<readonly Action[]>>()

  const run = async (event: BotEvent, signal: AbortSignal): Promise<readonly Action[]> => {
    const id = event.data.event_id
    const known = await answered.get(id)
    if (known) return known
    const { actions, doing } = answerList(event)
    const running: Running = {
      get client(): never {
        throw withoutClient('client')
      },
      doing: () => doing,
      store,
      clock: systemClock,
      place: async () => undefined,
    }
    await dispatch(event, running, signal)
    await answered.set(id, actions)
    return actions
  }

  const runOnce = (event: BotEvent, signal: AbortSignal): Promise<readonly Action[]> => {
    const id = event.data.event_id
    const work = atWork.get(id) ?? run(event, signal).finally(() => atWork.delete(id))
    atWork.set(id, work)
    return work
  }

  return async (request: Request): Promise<Response> => {
    if (secrets.length === 0)
      throw new DchatError('usage/invalid-argument', { name: 'webhookSecret', reason: 'fetch verifies by it' })
    if (request.method !== 'POST') return json(405, { error: 'only POST' }, { allow: 'POST' })
    const body = await bodyOf(request)
    if (body === undefined) return json(413, { error: `at most ${LIMIT} bytes` })
    try {
      verifyWebhook(body, request.headers, secrets)
    } catch (error) {
      if (!isDchatError(error) || !error.code.startsWith('webhook/')) throw error
      return json(401, { error: error.code })
    }
    const content = jsonIn(body)
    if (typeof content !== 'object' || content === null) return json(400, { error: 'the body is not JSON' })
    const { type, data } = content as Unread
    if (type === 'webhook.ping') return json(200, { challenge: data?.challenge })
    // Later versions have more of them.
    if (!TYPES.includes(type)) return json(200, { v: 1, actions: [] })
    const event = eventSchema.safeParse(content)
    if (!event.success) return json(400, { error: `${event.error.issues[0]?.path.join('.')}: it is not as expected` })
    return json(200, { v: 1, actions: await runOnce(event.data, request.signal) })
  }
}
