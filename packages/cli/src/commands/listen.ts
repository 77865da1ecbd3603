import { defineCommand } from '../command/define.ts'
import { invalid } from '../command/text-argument.ts'
import { beside } from '../io/beside.ts'
import { eventLine, messageFields, messageText } from '../io/message-lines.ts'
import { signalLine } from '../io/signal-lines.ts'
import { jsonLine } from '../io/text.ts'
import { SIGNAL_TYPES } from '../methods/signal-types.ts'
import type { ListenParams, MessageView } from '../methods/types.ts'

/** Lines that stand for what happens to conversations; they are printed unless others are asked for. */
const EVENT_TYPES = ['invitation', 'request', 'change', 'expired'] as const
const TYPES: readonly string[] = ['message', ...EVENT_TYPES, ...SIGNAL_TYPES]
const USUAL: readonly string[] = ['message', ...EVENT_TYPES]

/** Throws `usage/invalid-argument`. */
const typesOf = (given: readonly string[], exec: string | undefined, limit: number | undefined): readonly string[] => {
  const types = given.length > 0 ? given : exec === undefined ? USUAL : ['message']
  const unknown = types.find((type) => !TYPES.includes(type))
  if (unknown !== undefined) throw invalid('type', `there is no "${unknown}"; types are ${TYPES.join(', ')}`)
  if (exec !== undefined && types.some((type) => type !== 'message')) throw invalid('exec', 'it runs for messages only')
  if (limit !== undefined && !types.includes('message'))
    throw invalid('limit', 'it counts messages, and none are shown')
  return types
}

export const listen = defineCommand({
  name: 'listen',
  description: 'Print messages as they arrive, beginning with those that came while nobody listened',
  args: {},
  options: {
    chat: { type: 'text', placeholder: 'CHAT', description: 'Only from this person, group or conversation' },
    type: {
      type: 'texts',
      placeholder: 'T',
      description: `Only lines of this type: ${TYPES.join(', ')}`,
    },
    since: { type: 'text', placeholder: 'CURSOR', description: 'Begin after this cursor, at "start", or "now"' },
    limit: { type: 'whole', placeholder: 'N', min: 1, max: 1_000_000_000, description: 'End after this many messages' },
    ids: { type: 'flag', description: 'Show the id of each message, to name it in other commands' },
    exec: {
      type: 'text',
      placeholder: 'CMD',
      description: 'Run this for each message, with its JSON on stdin, instead of printing anything',
    },
  },
  example: 'dchat listen --json',
  run: async ({ chat, type, since, limit, ids, exec }, context) => {
    const types = typesOf(type, exec, limit)
    const { out } = context
    const session = await context.session()
    const named = chat === undefined ? {} : { chat }
    const params: ListenParams = { ...named, ...(since === undefined ? {} : { since }) }
    const shown = { where: chat === undefined, ids }

    const handle = async (message: MessageView, signal: AbortSignal): Promise<void> => {
      if (exec === undefined) return out.item('message', messageFields(message), messageText(message, out.style, shown))
      const { runCommand } = await import('../io/exec.ts')
      await runCommand(exec, jsonLine({ v: 1, type: 'message', ...messageFields(message) }), signal)
    }

    let left = limit ?? Number.POSITIVE_INFINITY
    let cursor: string | undefined
    // What was printed and could not be acknowledged, because the owner went away, is not asked for again.
    const resume = (): ListenParams => (cursor === undefined ? params : { ...named, since: cursor })

    const messages = async (signal: AbortSignal): Promise<void> => {
      for await (const message of session.stream('listen', params, { signal, resume })) {
        await handle(message, signal)
        if (message.cursor !== undefined) {
          cursor = message.cursor
          await session.call('listen.ack', { ...named, cursor }, { signal })
        }
        left -= 1
        if (left === 0) break
      }
    }

    const events = async (signal: AbortSignal): Promise<void> => {
      // A later owner has nothing to tell of the time before it, and open invitations were told already.
      const again = (): ListenParams => ({ ...named, since: 'now' })
      for await (const event of session.stream('listen.events', params, { signal, resume: again }))
        if (types.includes(event.type)) await out.item(...eventLine(event, out.style, shown))
    }

    const wanted = SIGNAL_TYPES.filter((each) => types.includes(each))
    const signals = async (signal: AbortSignal): Promise<void> => {
      const asked = { ...named, types: wanted }
      for await (const each of session.stream('listen.signals', asked, { signal, resume: () => asked }))
        await out.item(...signalLine(each, out.style))
    }

    const works = [
      ...(types.includes('message') ? [messages] : []),
      ...(EVENT_TYPES.some((each) => types.includes(each)) ? [events] : []),
      ...(wanted.length > 0 ? [signals] : []),
    ]
    const [main = messages, ...others] = works
    const rest = async (signal: AbortSignal): Promise<void> => {
      await Promise.all(others.map((work) => work(signal)))
    }
    await beside(main, rest, context.signal)
    await out.end(cursor === undefined ? {} : { cursor })
  },
})
