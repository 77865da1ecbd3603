import type { NotifyRule } from '@dchat/sdk'
import { defineCommand } from '../../command/define.ts'
import { invalid } from '../../command/text-argument.ts'
import { chatFields, chatLine } from '../../io/chat-lines.ts'
import { parseTimer } from '../../io/duration.ts'

const LEVELS = ['all', 'mentions', 'none', 'default']

const ruleOf = (level: string, span: string | undefined): NotifyRule | null => {
  if (!LEVELS.includes(level)) throw invalid('level', `it is one of ${LEVELS.join(', ')}`)
  if (level === 'default') {
    if (span !== undefined) throw invalid('for', 'the default has no end')
    return null
  }
  const seconds = span === undefined ? 0 : parseTimer(span, 'for')
  const until = seconds === 0 ? {} : { until: Date.now() + seconds * 1000 }
  return { level: level as NotifyRule['level'], ...until }
}

export const chatsNotify = defineCommand({
  name: 'chats notify',
  description: 'Set what of a conversation notifies you, on all of your devices',
  args: {
    chat: { description: 'A contact, address, invite link, group or conversation' },
    level: { description: `One of ${LEVELS.join(', ')}` },
  },
  options: {
    for: {
      type: 'text',
      placeholder: 'T',
      description: 'Only so long, such as 8h or 1w; then the default holds again',
    },
  },
  example: 'dchat chats notify bob none --for 8h',
  run: async ({ chat, level, for: span }, { session, out, signal }) => {
    const notify = ruleOf(level, span)
    const { call } = await session()
    const shown = await call('chats.set', { chat, notify }, { signal })
    await out.result(chatFields(shown), chatLine(shown, out.style)[2])
  },
})
