import { defineCommand } from '../command/define.ts'
import { messageFields, messageText } from '../io/message-lines.ts'
import { jsonLine } from '../io/text.ts'
import type { ListenParams, MessageView } from '../methods/types.ts'

export const listen = defineCommand({
  name: 'listen',
  description: 'Print messages as they arrive, beginning with those that came while nobody listened',
  args: {},
  options: {
    chat: { type: 'text', placeholder: 'CHAT', description: 'Only from this person or conversation' },
    since: { type: 'text', placeholder: 'CURSOR', description: 'Begin after this cursor, at "start", or "now"' },
    limit: { type: 'whole', placeholder: 'N', min: 1, max: 1_000_000_000, description: 'End after this many' },
    exec: {
      type: 'text',
      placeholder: 'CMD',
      description: 'Run this for each message, with its JSON on stdin, instead of printing it',
    },
  },
  example: 'dchat listen --json',
  run: async ({ chat, since, limit, exec }, context) => {
    const { out, signal } = context
    const session = await context.session()
    const named = chat === undefined ? {} : { chat }
    const params: ListenParams = { ...named, ...(since === undefined ? {} : { since }) }
    const handle = async (message: MessageView): Promise<void> => {
      if (exec === undefined) return out.item('message', messageFields(message), messageText(message, out.style))
      const { runCommand } = await import('../io/exec.ts')
      await runCommand(exec, jsonLine({ v: 1, type: 'message', ...messageFields(message) }), signal)
    }
    let left = limit ?? Number.POSITIVE_INFINITY
    let cursor: string | undefined
    // What was printed and could not be acknowledged, because the owner went away, is not asked for again.
    const resume = (): ListenParams => (cursor === undefined ? params : { ...named, since: cursor })
    for await (const message of session.stream('listen', params, { signal, resume })) {
      await handle(message)
      if (message.cursor !== undefined) {
        cursor = message.cursor
        await session.call('listen.ack', { ...named, cursor }, { signal })
      }
      left -= 1
      if (left === 0) break
    }
    await out.end(cursor === undefined ? {} : { cursor })
  },
})
