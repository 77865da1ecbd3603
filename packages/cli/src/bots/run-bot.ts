import { join } from 'node:path'
import type { Bot, BotLog, GatewayProblem, RunningBot, StartOptions } from '@dchat/bot-kit'
import type { Context } from '../command/context.ts'
import type { Place } from './place.ts'
import { QUEUE_FILE } from './with-queue.ts'

/** How often a bot looks for what another command changed of its webhooks, ms. */
const LOOK_AGAIN = 1_000

export interface RunBot {
  readonly bot: Bot
  readonly place: Place
  /** In place of those that the bot names. */
  readonly relays: readonly string[]
  readonly ready: (running: RunningBot) => Promise<void>
  readonly onProblem: (problem: GatewayProblem) => void
  readonly onLog: ((entry: BotLog) => void) | undefined
}

/** Resolves when the program is told to stop and the bot has come to its end; rejects with what nobody caught. */
const attend = async (bot: Bot, options: StartOptions, signal: AbortSignal): Promise<void> => {
  signal.throwIfAborted()
  const stop = (): void => void bot.stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    const { done } = await bot.start(options)
    if (signal.aborted) stop()
    await done
  } finally {
    signal.removeEventListener('abort', stop)
    await bot.stop()
  }
}

/** As the profile that --profile names: other commands of the profile attach to the bot while it runs. */
const asProfile = async ({ bot, place }: RunBot, options: StartOptions, context: Context): Promise<void> => {
  const [{ openAsOwner }, kit] = await Promise.all([import('../session/open-as-owner.ts'), import('@dchat/bot-kit')])
  const { client, owner } = await openAsOwner(context)
  const store = kit.sqliteBotStore(join(place.data, 'bot.db'))
  const queue = kit.sqliteQueue(join(place.data, QUEUE_FILE))
  try {
    await attend(bot, { ...options, client, store, queue }, context.signal)
  } finally {
    await queue.close()
    await store.close()
    await owner.close()
  }
}

/** Runs a bot until the program is told to stop. */
export const runBot = async (run: RunBot, context: Context): Promise<void> => {
  const { bot, place, relays, ready, onProblem, onLog } = run
  const options: StartOptions = { ready, onProblem, lookAgain: LOOK_AGAIN, ...(onLog && { onLog }) }
  const { data, secret } = place
  if (secret === undefined) return asProfile(run, options, context)
  const mine = { secret, folder: data, ...(relays.length > 0 && { relays }) }
  await attend(bot, { ...options, ...mine }, context.signal)
}
