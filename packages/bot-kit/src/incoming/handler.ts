import { createHash, randomUUID } from 'node:crypto'
import type { Client, Clock, ConversationId, MessageId } from '@dchat/sdk'
import { type DchatError, isDchatError } from '@dchat/sdk/errors'
import { answerSchema, isLimited } from '../actions/action.ts'
import { createLimits, type Limits } from '../actions/limits.ts'
import { type Performed, perform } from '../actions/perform.ts'
import { systemClock } from '../clock.ts'
import { messageData } from '../events/from-message.ts'
import type { ReplyScope, ReplyTokens } from '../webhooks/reply-token.ts'
import { hookFinder, type IncomingHook } from './hook.ts'
import { bodyOf, json, jsonOf, Refusal, tooMany } from './request.ts'
import { render } from './template.ts'

export interface HandlerOptions {
  readonly client: Client
  readonly hooks?: readonly IncomingHook[]
  /** Those of the webhooks' events; without them there is no `POST /v1/actions`. */
  readonly replyTokens?: ReplyTokens
  /** Those of the bot, if it has some: they are shared by everything that it says. */
  readonly limits?: Limits
  readonly clock?: Clock
}

const HOOK = /^\/hooks\/([\w-]{1,200})$/
const ACTIONS = '/v1/actions'
const MESSAGE = /^\/v1\/messages\/([0-9a-f]{64})$/

/** A key of others as part of a client id: short, and without anything of theirs in it. */
const shortKey = (key: string): string => createHash('sha256').update(key).digest('hex').slice(0, 32)

const payloadOf = async (request: Request): Promise<unknown> => {
  const type = request.headers.get('content-type') ?? 'application/json'
  const body = await bodyOf(request)
  if (/[/+]json\b/.test(type)) return jsonOf(body)
  if (type.startsWith('application/x-www-form-urlencoded')) return Object.fromEntries(new URLSearchParams(body))
  if (type.startsWith('text/')) return { text: body }
  throw new Refusal(415, 'JSON, a form or a text')
}

const refusalOf = (error: DchatError): Refusal => {
  if (error.retryable) return new Refusal(503, error.message)
  if (error.code === 'usage/invalid-argument') return new Refusal(400, error.message)
  return new Refusal(error.code.endsWith('/unknown') ? 404 : 409, error.message)
}

/**
 * Answers what comes over HTTP: `POST /hooks/<secret>` writes a message, `POST /v1/actions` does what the program behind a
 * webhook wants done later, `GET /v1/messages/<id>` tells a message whole (docs/webhooks.md). Never rejects for what a request does; errors of the bot itself are its caller's.
 * Throws `usage/invalid-argument` for hooks that cannot be told apart.
 */
export const createHandler = (options: HandlerOptions): ((request: Request) => Promise<Response>) => {
  const { client, hooks = [], replyTokens, clock = systemClock } = options
  const { limits = createLimits(() => clock.now()) } = options
  const find = hookFinder(hooks)

  const say = async (hook: IncomingHook, request: Request): Promise<Response> => {
    if (hook.expiresAt !== undefined && clock.now() >= hook.expiresAt) throw new Refusal(410, 'this hook is over')
    const format = hook.format ?? 'text'
    const text = render(hook.template ?? '{{text}}', await payloadOf(request), format)
    if (text === '') throw new Refusal(400, 'the payload has nothing to say')
    const conversation = await client.conversations.get(hook.conversation as ConversationId)
    if (!conversation) throw new Refusal(404, 'the conversation is not there')
    const wait = limits.take(conversation)
    if (wait > 0) throw tooMany(wait)
    const key = request.headers.get('idempotency-key') ?? request.headers.get('webhook-id') ?? randomUUID()
    const place = { conversation: conversation.id, scope: `hook/${shortKey(hook.name)}` }
    const performed = await perform(client, { do: 'send', text, format }, place, shortKey(key))
    return json(200, { message_id: performed.message_id })
  }

  const scopeOf = (request: Request, tokens: ReplyTokens): ReplyScope => {
    const [, token = ''] = /^Bearer (\S+)$/i.exec(request.headers.get('authorization') ?? '') ?? []
    const scope = tokens.read(token, clock.now())
    if (!scope) throw new Refusal(401, 'the reply token is not valid, or over', { 'www-authenticate': 'Bearer' })
    return scope
  }

  /** A message as it reads now: for events that had no room for all of it. */
  const messageOf = async (request: Request, id: string, tokens: ReplyTokens): Promise<Response> => {
    if (request.method !== 'GET') throw new Refusal(405, 'only GET', { allow: 'GET' })
    const { conversation } = scopeOf(request, tokens)
    const message = await client.messages.get(id as MessageId)
    if (message?.conversation !== conversation.id) throw new Refusal(404, 'the message is not there')
    return json(200, { v: 1, message: messageData(message) })
  }

  const actions = async (request: Request, tokens: ReplyTokens): Promise<Response> => {
    const scope = scopeOf(request, tokens)
    const key = request.headers.get('idempotency-key')
    if (key === null || key === '') throw new Refusal(400, 'an Idempotency-Key is needed')
    const parsed = answerSchema.safeParse(jsonOf(await bodyOf(request)))
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      throw new Refusal(400, `${issue?.path.join('.') || 'the body'}: ${issue?.message ?? 'it is not right'}`)
    }
    const { conversation, eventId } = scope
    const place = { conversation: conversation.id as ConversationId, scope: `${eventId}/${shortKey(key)}` }
    const done: Performed[] = []
    for (const [index, action] of parsed.data.actions.entries()) {
      for (let wait = isLimited(action) ? limits.take(conversation) : 0; wait > 0; wait = limits.take(conversation)) {
        // Later ones wait: the first ones are done.
        if (done.length === 0) throw tooMany(wait)
        await clock.sleep(wait, { signal: request.signal })
      }
      done.push(await perform(client, action, place, `${index}`))
    }
    return json(200, { v: 1, performed: done })
  }

  const route = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url)
    const [, message] = MESSAGE.exec(pathname) ?? []
    if (message !== undefined && replyTokens) return messageOf(request, message, replyTokens)
    const [, secret] = HOOK.exec(pathname) ?? []
    if (secret === undefined && !(pathname === ACTIONS && replyTokens)) throw new Refusal(404, 'there is nothing here')
    // Programs that show a preview of every link ask by GET.
    if (request.method !== 'POST') throw new Refusal(405, 'only POST', { allow: 'POST' })
    if (secret === undefined) return actions(request, replyTokens as ReplyTokens)
    const hook = find(secret)
    if (!hook) throw new Refusal(404, 'there is nothing here')
    return say(hook, request)
  }

  return async (request) => {
    try {
      return await route(request)
    } catch (error) {
      const refusal = isDchatError(error) ? refusalOf(error) : error
      if (!(refusal instanceof Refusal)) throw error
      return json(refusal.status, { error: refusal.reason }, refusal.headers)
    }
  }
}
