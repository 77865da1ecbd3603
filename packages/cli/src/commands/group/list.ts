import { defineCommand } from '../../command/define.ts'
import { chatLine } from '../../io/chat-lines.ts'

export const groupList = defineCommand({
  name: 'group list',
  description: 'List groups, newest activity first',
  args: {},
  options: {},
  example: 'dchat group list --json',
  usual: true,
  run: async (_values, { session, out, signal }) => {
    const { stream } = await session()
    for await (const chat of stream('chats.list', {}, { signal }))
      if (chat.kind === 'group') await out.item(...chatLine(chat, out.style))
    await out.end()
  },
})
