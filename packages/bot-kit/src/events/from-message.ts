import type { Message } from '@dchat/sdk'
import { parseCommand } from './command.ts'
import type { MessageData } from './parts.ts'

const kindOf = ({ content }: Message): MessageData['kind'] => {
  const { type } = content
  return type === 'text' || type === 'markdown' || type === 'offer' ? type : 'unknown'
}

const textOf = ({ content }: Message): string => {
  if (content.type === 'text') return content.text
  if (content.type === 'markdown') return content.markdown
  if (content.type === 'offer') return content.summary
  return content.type === 'unknown' ? content.fallback : ''
}

/** A message as events have it. */
export const messageData = (message: Message): MessageData => {
  const kind = kindOf(message)
  const text = textOf(message)
  const command = kind === 'text' || kind === 'markdown' ? parseCommand(text) : undefined
  const { content } = message
  return {
    id: message.id,
    sent_at: new Date(message.at).toISOString(),
    kind,
    text,
    ...(message.editedAt !== undefined && { edited_at: new Date(message.editedAt).toISOString() }),
    ...('replyTo' in content && content.replyTo !== undefined && { reply_to: content.replyTo }),
    ...(message.mentions && { mentions: [...message.mentions] }),
    ...('keyboard' in content && content.keyboard && { keyboard: content.keyboard.map((row) => [...row]) }),
    ...(command && { command: { name: command.name, args: [...command.args] } }),
  }
}
