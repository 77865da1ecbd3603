import { defineCommand } from '../../command/define.ts'
import { localTime, oneLine } from '../../io/text.ts'

export const chatsList = defineCommand({
  name: 'chats list',
  description: 'List conversations, newest first',
  args: {},
  options: { limit: { type: 'whole', placeholder: 'N', min: 1, max: 10_000, description: 'At most this many' } },
  example: 'dchat chats --json',
  usual: true,
  run: async ({ limit }, context) => {
    const { out, signal } = context
    const session = await context.session()
    for await (const chat of session.stream('chats.list', limit === undefined ? {} : { limit }, { signal })) {
      const { last, ...rest } = chat
      const unread = chat.unread > 0 ? `\t(${chat.unread} unread)` : ''
      const said = last === undefined ? '' : `\t${out.style.dim(localTime(last.at))}\t${oneLine(last.preview)}`
      const lastFields = last === undefined ? {} : { last: { ...last, at: new Date(last.at).toISOString() } }
      await out.item(
        'chat',
        { ...rest, ...lastFields },
        `${out.style.bold(oneLine(chat.title ?? chat.peer))}${unread}${said}`,
      )
    }
    await out.end()
  },
})
