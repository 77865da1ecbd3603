import { dirname } from 'node:path'
import { DchatError } from '@dchat/sdk/errors'
import { botFile, loadBot } from '../../bots/load-bot.ts'
import { type LogLine, logLine, problemLine } from '../../bots/log-lines.ts'
import { PLACE_OPTIONS, type PlaceValues, placeOf } from '../../bots/place.ts'
import { withQueue } from '../../bots/with-queue.ts'
import type { Context } from '../../command/context.ts'
import { defineCommand } from '../../command/define.ts'

export const FILE_ARG = {
  description: 'A module that exports a bot as "bot" (default: bot.js, bot.mjs or bot.ts here)',
  optional: true,
} as const

/** Without a file a bot hands what it gets to its webhooks, if it has any. */
const hasWebhooks = async (values: PlaceValues, context: Context): Promise<boolean> =>
  (await withQueue(values, context, (queue) => queue.webhooks())).length > 0

const noBot = (): DchatError =>
  new DchatError(
    'usage/invalid-argument',
    { name: 'file', reason: 'there is no bot.js, bot.mjs or bot.ts here, and the bot has no webhooks' },
    { hint: '"dchat bot init" makes a bot; "dchat bot webhook add" hands events to a program elsewhere.' },
  )

export const botRun = defineCommand({
  name: 'bot run',
  description: 'Run a bot until it is told to stop: its handlers, and the webhooks that "bot webhook" keeps',
  args: { file: FILE_ARG },
  options: {
    ...PLACE_OPTIONS,
    events: { type: 'flag', description: 'Tell each event, what the handlers do with it, and how long they take' },
  },
  example: 'dchat bot run bot.js',
  run: async ({ file, events, ...values }, context) => {
    const { out, globals } = context
    const found = await botFile(file)
    const place = await placeOf(values, context, found === undefined ? '.' : dirname(found))
    if (found === undefined && !(await hasWebhooks({ ...values, data: place.data }, context))) throw noBot()
    const bot = found === undefined ? (await import('@dchat/bot-kit')).createBot() : await loadBot(found, out.note)
    const tell = ([type, fields, text]: LogLine): void => {
      if (out.json) void out.jsonItem(type, fields)
      else out.note(text)
    }
    const { runBot } = await import('../../bots/run-bot.ts')
    try {
      await runBot(
        {
          bot,
          place,
          // A bot's own file names its relays; without one they are those of any new identity.
          relays: found === undefined ? await context.relays() : globals.relay,
          ready: ({ address, invite }) =>
            out.item('ready', { address, invite, data: place.data }, `Write to me: ${invite}`),
          onProblem: (problem) => tell(problemLine(problem)),
          onLog: events ? (entry) => tell(logLine(entry)) : undefined,
        },
        context,
      )
    } catch (error) {
      // Only its author can mend what a handler threw.
      if (error instanceof Error && error.name !== 'DchatError' && !context.signal.aborted)
        out.note(error.stack ?? error.message)
      throw error
    }
  },
})
