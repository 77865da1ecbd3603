import type { NotifyRule } from '@dchat/sdk'
import { DchatError } from '@dchat/sdk/errors'
import type { Engine } from './engine.ts'
import { chatToRead } from './resolve.ts'
import type { ChatView } from './types.ts'
import { chatView } from './views.ts'

interface Changes {
  readonly chat: string
  readonly notify?: NotifyRule | null | undefined
  readonly pinned?: boolean | undefined
  readonly archived?: boolean | undefined
}

/** What a person does to its own view of a conversation. Begins none. */
export const setChat = async ({ client }: Engine, { chat, notify, pinned, archived }: Changes): Promise<ChatView> => {
  const { conversations } = client
  const id = await chatToRead(client, chat)
  if (id === undefined) throw new DchatError('conversation/unknown', { conversation: chat })
  if (notify !== undefined) await conversations.setNotify(id, notify ?? undefined)
  if (pinned !== undefined) await conversations.setPinned(id, pinned)
  if (archived !== undefined) await conversations.setArchived(id, archived)
  const shown = await conversations.get(id)
  if (shown === undefined) throw new DchatError('conversation/unknown', { conversation: chat })
  return chatView(shown)
}
