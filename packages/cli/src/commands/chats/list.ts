import { defineCommand } from '../../command/define.ts'
import { chatLine } from '../../io/chat-lines.ts'

export const chatsList = defineCommand({
  name: 'chats list',
  description: 'List conversations, pinned ones first, then newest first',
  args: {},
  options: { limit: { type: 'whole', placeholder: 'N', min: 1, max: 10_000, description: 'At most this many' } },
  example: 'dchat chats --json',
  usual: true,
  run: async ({ limit }, context) => {
    const { out, signal } = context
    const session = await context.session()
    for await (const chat of session.stream('chats.list', limit === undefined ? {} : { limit }, { signal }))
      await out.item(...chatLine(chat, out.style))
    await out.end()
  },
})
