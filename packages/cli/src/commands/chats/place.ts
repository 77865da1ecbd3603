import type { Context } from '../../command/context.ts'
import { defineCommand } from '../../command/define.ts'
import { chatFields, chatLine } from '../../io/chat-lines.ts'

const chat = { description: 'A contact, address, invite link, group or conversation' } as const

const set = async (
  params: { readonly chat: string; readonly pinned?: boolean; readonly archived?: boolean },
  { session, out, signal }: Context,
): Promise<void> => {
  const { call } = await session()
  const shown = await call('chats.set', params, { signal })
  await out.result(chatFields(shown), chatLine(shown, out.style)[2])
}

export const chatsPin = defineCommand({
  name: 'chats pin',
  description: 'Keep a conversation above the others, on all of your devices',
  args: { chat },
  options: { off: { type: 'flag', description: 'Let it go where it belongs by its time' } },
  example: 'dchat chats pin bob',
  run: ({ chat: named, off }, context) => set({ chat: named, pinned: !off }, context),
})

export const chatsArchive = defineCommand({
  name: 'chats archive',
  description: 'Put a conversation away, on all of your devices',
  args: { chat },
  options: { off: { type: 'flag', description: 'Take it out again' } },
  example: 'dchat chats archive bob',
  run: ({ chat: named, off }, context) => set({ chat: named, archived: !off }, context),
})
