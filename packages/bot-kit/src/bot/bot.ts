import type { BotEvent } from '../events/event.ts'
import type { Delivered, Endpoint } from '../gateway/endpoint.ts'
import type { Args, ValuesOf } from './args.ts'
import type { Next } from './compose.ts'
import type { Context, ContextFor } from './context.ts'
import type { Filter } from './filters.ts'
import type { StartOptions } from './options.ts'
import type { Plugin } from './plugin.ts'
import type { RunningBot } from './running-bot.ts'

export type Handler<C> = (ctx: C, next: Next) => unknown

export interface CommandOptions<S extends Args> {
  readonly description: string
  /** In the order in which they are written. */
  readonly args: S
}

/**
 * A bot: what it does with events. Handlers run in the order in which they are given, each inside the ones before it, until
 * one does not call `next`. Events of one conversation come one after the other, different conversations side by side; what
 * the bot says itself is no event.
 */
export interface Bot<C extends object = object> {
  /** Runs for every event; `next` is everything that stands behind it. */
  use(middleware: Handler<Context & C>): Bot<C>
  use<A extends object>(plugin: Plugin<A>): Bot<C & A>
  /** `/name …`; `ctx.args` are the words behind it. `/help` lists all commands unless there is one of that name. */
  command(
    name: string,
    description: string,
    handler: Handler<ContextFor<'message:command'> & { readonly args: readonly string[] } & C>,
  ): Bot<C>
  /** `ctx.args` are the arguments by name; who gets them wrong is told how the command is used. */
  command<const S extends Args>(
    name: string,
    options: CommandOptions<S>,
    handler: Handler<ContextFor<'message:command'> & { readonly args: ValuesOf<S> } & C>,
  ): Bot<C>
  on<F extends Filter>(filter: F | readonly F[], handler: Handler<ContextFor<F> & C>): Bot<C>
  /** Buttons with this data, or with data that match; `ctx.match` is what a pattern found. */
  callback(
    data: string | RegExp,
    handler: Handler<ContextFor<'callback'> & { readonly match: readonly string[] } & C>,
  ): Bot<C>
  /** The one home of errors: of every handler, awaited. Without it the first error stops the bot (`done`). */
  catch(handler: (error: unknown, ctx: Context & Partial<C>) => unknown): Bot<C>
  /** Takes the bot's handlers to events of another source. Rejects with what no `catch` took. */
  handle(event: BotEvent, options: HandleOptions): Promise<Delivered>
  /**
   * The bot behind a webhook, on any runtime with `fetch`: checks the signature (`webhookSecret`), runs the handlers, and
   * answers with what they say; the gateway does it. An event that comes again gets the same answer, and no handler runs.
   * It needs no `start` and has no client: what needs one is `usage/invalid-argument`. Rejects with what no `catch` took.
   */
  fetch(request: Request): Promise<Response>
  /** Opens the client where the bot has none, connects, and works until `stop`. Resolves when it is at work. */
  start(options?: StartOptions): Promise<RunningBot>
  /** `start`, and then works until `stop`, SIGINT or SIGTERM. Rejects with the error that stopped it. */
  run(options?: StartOptions): Promise<void>
  /** Takes no more events, lets handlers end, and closes what `start` opened. Idempotent. */
  stop(): Promise<void>
}

export type HandleOptions = Parameters<Endpoint['deliver']>[1]
