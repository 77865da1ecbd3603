import { DchatError } from '@dchat/sdk'
import type { BotEvent } from '../events/event.ts'
import type { Delivered } from '../gateway/endpoint.ts'
import type { Args } from './args.ts'
import type { Bot, CommandOptions, HandleOptions, Handler } from './bot.ts'
import { type Command, helpText, isCommandName, runCommand } from './commands.ts'
import { runSteps, type Step } from './compose.ts'
import type { Context } from './context.ts'
import { createContext, type Running } from './create-context.ts'
import { createFetch } from './fetch.ts'
import { type Filter, isFilter, matches } from './filters.ts'
import { manifestOf } from './manifest.ts'
import type { BotOptions, StartOptions } from './options.ts'
import type { Plugin } from './plugin.ts'
import { createRun, type Run } from './run.ts'
import type { RunningBot } from './running-bot.ts'

const refuse = (name: string, reason: string) => new DchatError('usage/invalid-argument', { name, reason })

const HOUR = 3_600_000

/** Handlers as they are kept: `use` and `on` have checked at their call what each of them is given. */
type Kept = Step<Context>

/** What a pattern or a text finds in the data of a press; undefined where it is another's. */
const found = (data: string | RegExp, given: string): readonly string[] | undefined => {
  if (typeof data === 'string') return data === given ? [given] : undefined
  const match = new RegExp(data.source, data.flags.replace(/[gy]/g, '')).exec(given)
  return match === null ? undefined : [...match]
}

/**
 * A bot without handlers yet. Throws `usage/invalid-argument` where a command has no proper name, is there twice, or a
 * filter is none.
 */
export const createBot = (options: BotOptions = {}): Bot => {
  const steps: Kept[] = []
  const commands: Command[] = []
  let onError: ((error: unknown, ctx: Context) => unknown) | undefined
  let current: Run | undefined

  const dispatch = async (event: BotEvent, running: Running, signal: AbortSignal): Promise<Delivered> => {
    // A bot that answers everything does not answer itself.
    if (event.data.sender.id === event.data.bot) return { state: 'done' }
    const { onLog, clock } = running
    const ctx = createContext(event, running, signal)
    const begun = clock.now()
    const ended = (failure: { readonly error?: unknown } = {}): void =>
      onLog?.({ type: 'handled', eventId: event.data.event_id, ms: clock.now() - begun, ...failure })
    onLog?.({ type: 'event', event })
    try {
      await runSteps(steps, ctx, async () => undefined)
      ended()
    } catch (error) {
      ended({ error })
      if (onError === undefined) throw error
      await onError(error, ctx)
    }
    return { state: 'done' }
  }

  const use = (given: Handler<Context> | Plugin<object>): Bot => {
    steps.push(typeof given === 'function' ? given : given.run)
    return bot
  }

  const on = (given: Filter | readonly Filter[], handler: Kept): Bot => {
    const filters: readonly Filter[] = typeof given === 'string' ? [given] : given
    for (const filter of filters) if (!isFilter(filter)) throw refuse('filter', `there is no "${filter}"`)
    return use((ctx, next) => (filters.some((filter) => matches(filter, ctx.event)) ? handler(ctx, next) : next()))
  }

  const command = (name: string, about: string | CommandOptions<Args>, handler: Kept): Bot => {
    if (!isCommandName(name)) throw refuse('command', 'it has 1 to 32 of a to z, digits, - and _')
    if (commands.some((other) => other.name === name)) throw refuse('command', `"${name}" is there already`)
    const added: Command = { name, ...(typeof about === 'string' ? { description: about } : about) }
    commands.push(added)
    // Where the first command stands the list does too: before handlers that take every text.
    const isFirst = commands.length === 1
    return on('message:command', (ctx, next) => {
      if (ctx.command?.name === name) return runCommand(added, ctx, next, handler)
      const isHelp = ctx.command?.name === 'help' && !commands.some((other) => other.name === 'help')
      return isFirst && isHelp ? ctx.reply(helpText(commands)) : next()
    })
  }

  const callback = (data: string | RegExp, handler: Kept): Bot =>
    on('callback', (ctx, next) => {
      const match = found(data, ctx.press?.data ?? '')
      return match === undefined ? next() : handler(Object.assign(ctx, { match }), next)
    })

  const start = async (given: StartOptions = {}): Promise<RunningBot> => {
    if (current !== undefined) throw refuse('start', 'the bot is at work already')
    const run = createRun(options, given, dispatch, manifestOf(options, commands))
    current = run
    try {
      const running = await run.begin()
      await given.ready?.(running)
      return running
    } catch (error) {
      await run.end()
      current = undefined
      throw error
    }
  }

  const stop = async (): Promise<void> => {
    const run = current
    await run?.end()
    if (current === run) current = undefined
  }

  let answer: ((request: Request) => Promise<Response>) | undefined
  const fetch = async (request: Request): Promise<Response> => {
    const { webhookSecret = [], webhookStore: store } = options
    answer ??= createFetch({ secrets: [webhookSecret].flat(), store, dispatch })
    return answer(request)
  }

  const verbs = {
    fetch,
    use,
    on,
    command,
    callback,
    catch: (handler: (error: unknown, ctx: Context) => unknown): Bot => {
      if (onError !== undefined) throw refuse('catch', 'there is one already: errors have one home')
      onError = handler
      return bot
    },
    handle: async (event: BotEvent, { signal }: HandleOptions): Promise<Delivered> => {
      if (current === undefined) throw new DchatError('usage/closed', { what: 'bot' })
      return dispatch(event, current.running(), signal)
    },
    start,
    stop,
    run: async (given?: StartOptions): Promise<void> => {
      const { done } = await start(given)
      const end = () => void stop()
      process.once('SIGINT', end).once('SIGTERM', end)
      // A bot whose relay is away waits for it.
      const alive = setInterval(() => undefined, HOUR)
      try {
        await done
      } finally {
        clearInterval(alive)
        process.off('SIGINT', end).off('SIGTERM', end)
        await stop()
      }
    },
  }
  // The types of handlers grow from call to call; what is kept of them does not.
  const bot = verbs as unknown as Bot
  return bot
}
