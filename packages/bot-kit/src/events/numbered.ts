import type { Client, Message, MessageId } from '@dchat/sdk'

/** A button that somebody named by its number. */
export interface NumberedPress {
  /** The message that shows the button. */
  readonly message: MessageId
  readonly callback: string
}

/**
 * Who sees no buttons sees them numbered in the text (`withNumbers` of the SDK), and answers with a number: a reply to a
 * message of the bot that is the number of a callback button, and nothing else, is a press of it.
 */
export const numberedPress = async ({ messages }: Client, { content }: Message): Promise<NumberedPress | undefined> => {
  if (content.type !== 'text' || content.replyTo === undefined) return undefined
  const [, number] = /^\s*(\d{1,2})\.?\s*$/.exec(content.text) ?? []
  if (number === undefined) return undefined
  const shown = await messages.get(content.replyTo)
  if (!shown?.own || !('keyboard' in shown.content)) return undefined
  const button = shown.content.keyboard?.flat()[Number(number) - 1]
  return button && 'callback' in button ? { message: shown.id, callback: button.callback } : undefined
}
