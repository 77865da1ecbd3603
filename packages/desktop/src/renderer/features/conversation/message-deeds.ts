import type { Message } from '@dchat/sdk'
import { toast } from '../../design/toast.ts'
import { wordsOf } from './message-words.ts'
import type { Scope } from './scope.svelte.ts'

export const copyWords = async (message: Message): Promise<void> => {
  await navigator.clipboard.writeText(wordsOf(message))
  toast('Copied')
}

export const setPinned = async ({ client, session }: Scope, { id, pinned }: Message): Promise<void> => {
  try {
    await (pinned ? client.messages.unpin(id) : client.messages.pin(id))
    toast(pinned ? 'Unpinned' : 'Pinned for everybody')
  } catch (error) {
    session.troubles.report(error)
  }
}

/** What a key does on a focused message (R E C Del Enter). False if it does nothing. */
export const messageKey = (scope: Scope, message: Message, key: string): boolean => {
  const isAlive = message.content.type !== 'deleted'
  const isSent = message.position !== undefined && isAlive && scope.isOpen
  switch (key) {
    case 'r':
      if (isSent) scope.reply(message)
      return isSent
    case 'e':
      if (isSent) scope.open = 'react'
      return isSent
    case 'c':
      if (isAlive) void copyWords(message)
      return isAlive
    case 'Delete': {
      const may = scope.mayDelete(message)
      if (may) scope.dialog = { what: 'delete', message }
      return may
    }
    case 'Enter':
      scope.open = 'menu'
      return true
    default:
      return false
  }
}
