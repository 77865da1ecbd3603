import { defineCommand } from '../command/define.ts'
import { messageFields, messageText } from '../io/message-lines.ts'
import type { MessageView, ReadParams } from '../methods/types.ts'

/** The later of two cursors of one device. */
const later = (a: string | undefined, b: string | undefined): string | undefined => {
  if (a === undefined || b === undefined) return a ?? b
  const isLater = a.length === b.length ? b > a : b.length > a.length
  return isLater ? b : a
}

export const read = defineCommand({
  name: 'read',
  description: 'Show the messages of a conversation',
  args: { chat: { description: 'A contact name, address, invite link, group name or conversation id' } },
  options: {
    since: { type: 'text', placeholder: 'CURSOR', description: 'Only what came after this cursor' },
    limit: { type: 'whole', placeholder: 'N', min: 1, max: 10_000, description: 'At most this many (default: 50)' },
    pinned: { type: 'flag', description: 'Only the pinned messages, in the order of pinning' },
    ids: { type: 'flag', description: 'Show the id of each message, to name it in other commands' },
    ack: { type: 'flag', description: 'Mark what was shown as read' },
    offline: { type: 'flag', description: 'Only what is stored here; ask no relay' },
  },
  example: 'dchat read bob --json --limit 20',
  run: async ({ chat, since, limit, pinned, ids, ack, offline }, context) => {
    const { out, signal, globals } = context
    const session = await context.session()
    const { timeout } = globals
    const params: ReadParams = {
      chat,
      offline,
      pinned,
      ...(since === undefined ? {} : { since }),
      ...(limit === undefined ? {} : { limit }),
      ...(timeout === undefined ? {} : { timeout, patience: timeout }),
    }
    let cursor: string | undefined = since
    let newest: MessageView | undefined
    for await (const message of session.stream('read', params, { signal })) {
      await out.item('message', messageFields(message), messageText(message, out.style, { ids }))
      cursor = later(cursor, message.cursor)
      if (!message.own) newest = message
    }
    await out.end(cursor === undefined ? {} : { cursor })
    if (ack && newest !== undefined) await session.call('read.mark', { chat, upTo: newest.id }, { signal })
  },
})
