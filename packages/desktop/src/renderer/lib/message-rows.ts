import type { Message } from '@dchat/sdk'
import { dayOf } from './days.ts'

/** What the list of a conversation draws, from top to bottom. `key` stays the same over everything that happens to it. */
export type Row =
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  | { readonly kind: 'unread'; readonly key: string }
  | { readonly kind: 'notice'; readonly key: string; readonly message: Message }
  | {
      readonly kind: 'message'
      readonly key: string
      readonly message: Message
      /** The first of its group: it has the name and the picture. */
      readonly opens: boolean
      /** The last of its group: it has the time. */
      readonly closes: boolean
    }

/** ms between two messages of one group. */
const TOGETHER = 5 * 60_000

/** An own message keeps its place in the list when the placeholder of its first moment gives way to it. */
export const keyOf = ({ id, clientId }: Message): string => clientId ?? id

/**
 * Messages, oldest first, with the days between them and the line above the first unread one. Those of one person within
 * five minutes form a group.
 */
export const messageRows = (messages: readonly Message[], unreadFrom?: string): readonly Row[] => {
  const rows: Row[] = []
  let before: Message | undefined
  let day: number | undefined
  for (const [i, message] of messages.entries()) {
    const isNewDay = day !== dayOf(message.at)
    if (isNewDay) {
      day = dayOf(message.at)
      rows.push({ kind: 'day', key: `day ${day} ${keyOf(message)}`, at: message.at })
    }
    const isUnread = message.id === unreadFrom
    if (isUnread) rows.push({ kind: 'unread', key: 'unread' })
    if (message.content.type === 'notice') rows.push({ kind: 'notice', key: keyOf(message), message })
    else {
      const next = messages[i + 1]
      const closes =
        next === undefined || next.id === unreadFrom || dayOf(next.at) !== day || !belongTogether(message, next)
      const opens = isNewDay || isUnread || before === undefined || !belongTogether(before, message)
      rows.push({ kind: 'message', key: keyOf(message), message, opens, closes })
    }
    before = message
  }
  return rows
}

const belongTogether = (a: Message, b: Message): boolean =>
  a.from === b.from &&
  a.content.type !== 'notice' &&
  b.content.type !== 'notice' &&
  a.content.type !== 'offer' &&
  b.content.type !== 'offer' &&
  b.at - a.at <= TOGETHER
