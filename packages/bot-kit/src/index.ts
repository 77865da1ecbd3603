// Start here

// Events and actions, in process and by webhook alike
export { ACTIONS_LIMIT, type Action, actionSchema, answerSchema } from './actions/action.ts'
export { createLimits, LIMITS, type Limits } from './actions/limits.ts'
export { type Performed, type Place, perform, performAll } from './actions/perform.ts'
// What a bot is made of
export { type Arg, type Args, arg, type NumberLimits, type ReadArgs, type ValuesOf } from './bot/args.ts'
export type { Bot, CommandOptions, HandleOptions, Handler } from './bot/bot.ts'
export type { Next, Step } from './bot/compose.ts'
export type { Context, ContextFor, DealReceipt, Saying, Sent } from './bot/context.ts'
export { createBot } from './bot/create-bot.ts'
export type { Filter, Filters } from './bot/filters.ts'
export { type Form, form } from './bot/form.ts'
export { type KeyboardBuilder, keyboard } from './bot/keyboard.ts'
export { type Menu, menu } from './bot/menu.ts'
export type { BotLog, BotOptions, StartOptions } from './bot/options.ts'
export { adding, type Plugin, plugin } from './bot/plugin.ts'
export type { AnswersOf, Question, Questionnaire, Questions } from './bot/questions.ts'
export type { RunningBot } from './bot/running-bot.ts'
export { botAddress, createBotSecret } from './bot/secret.ts'
export { type SessionOptions, session } from './bot/session.ts'
// Gateway and webhooks
export { clientSource } from './bot/source.ts'
export { type BotEvent, type EventOf, type EventType, eventSchema, type Keyboard } from './events/event.ts'
export { eventOf } from './events/from-arrival.ts'
export { actAs } from './gateway/act.ts'
export type { Act } from './gateway/attempt.ts'
export type { Delivered, Endpoint, EndpointFeed } from './gateway/endpoint.ts'
export { type GatewayOptions, runGateway } from './gateway/gateway.ts'
export type { EventSource } from './gateway/intake.ts'
export { pingWebhook, type WebhookTarget } from './gateway/ping.ts'
export type { GatewayProblem } from './gateway/problem.ts'
export { createWebhook, type Webhook, type WebhookOptions } from './gateway/webhook.ts'
export { addWebhook, type NewWebhook, removeWebhook, rotateWebhook, testWebhook } from './gateway/webhook-list.ts'
export { createHandler, type HandlerOptions } from './incoming/handler.ts'
export { createHookSecret, type IncomingHook } from './incoming/hook.ts'
export { runWebhooks, type WebhooksOptions } from './incoming/run-webhooks.ts'
export { type Served, type ServeOptions, serve } from './incoming/serve.ts'
export { memoryQueue } from './queue/memory.ts'
export type {
  DeadLetter,
  DeadLetterQuery,
  Delivery,
  DeliveryPlace,
  EndpointHealth,
  Outcome,
  Queue,
  StoredWebhook,
} from './queue/queue.ts'
export { sqliteQueue } from './queue/sqlite.ts'
export { decidePrice, type PriceDecision, type PriceRules } from './selling/haggle.ts'
export { type SellingOptions, type Shop, selling } from './selling/selling.ts'
export { type BotStore, memoryBotStore } from './store/bot-store.ts'
export { sqliteBotStore } from './store/sqlite.ts'
export {
  createWebhookKeyPair,
  createWebhookSecret,
  parseWebhookKey,
  type WebhookKey,
  webhookPublicKey,
} from './webhooks/keys.ts'
export { createPoster, type Posted, type Poster, type PosterOptions } from './webhooks/post.ts'
export { type ReplyScope, type ReplyTokens, replyTokens } from './webhooks/reply-token.ts'
export { type HeldKey, keysAt, ROTATION_OVERLAP, rotate } from './webhooks/rotation.ts'
export {
  type AnyHeaders,
  signWebhook,
  type VerifiedWebhook,
  verifyWebhook,
  WEBHOOK_TOLERANCE,
  type WebhookHeaders,
} from './webhooks/signature.ts'
export { checkTarget, type Resolve, type ResolvedAddress, type Target } from './webhooks/target.ts'
