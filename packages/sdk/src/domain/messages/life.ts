import type { Content, SendableContent } from '../../records/content.ts'
import type { Address, MessageId } from '../../records/ids.ts'
import type { Edition } from '../../records/message.ts'
import { utf8 } from '../../util/bytes.ts'

/** How long after its acceptance a message can be edited, ms. */
export const EDIT_WINDOW = 24 * 3_600_000
/** Earlier wordings that a message keeps, at most, and their UTF-8 bytes altogether. */
export const EDITIONS_LIMIT = 100
const EDITIONS_BYTES = 1024 * 1024
/** Bytes of UTF-8. */
const EMOJI_LIMIT = 64
/** Different reactions of one person to one message. */
export const REACTIONS_LIMIT = 20

/** One person's reaction; `id` is that of its content, under which it is taken back. */
export interface ReactionMark {
  readonly id: MessageId
  readonly from: Address
  readonly emoji: string
}

/** What actions change of a message. */
export interface MessageLife {
  readonly from: Address
  /** Accepted time, ms since 1970. */
  readonly at: number
  readonly content: Content
  readonly editedAt?: number
  readonly editions?: readonly Edition[]
  readonly reactions?: readonly ReactionMark[]
}

/** Something done to a message, by a person whom MLS proved. */
export type MessageAction =
  | { readonly type: 'react'; readonly id: MessageId; readonly from: Address; readonly emoji: string }
  | { readonly type: 'unreact'; readonly from: Address; readonly emoji: string }
  /** `at`: the accepted time of the edit. Without `content` the new body is none that a message can be edited to. */
  | { readonly type: 'edit'; readonly from: Address; readonly at: number; readonly content?: SendableContent }
  /** `moderates`: the author's role allows it to delete what the message's author wrote. */
  | { readonly type: 'delete'; readonly from: Address; readonly moderates: boolean }

/**
 * The message after the action, or the reason why the action counts for nobody (messages.md). The same object comes back
 * where the action changes nothing. A pure function of what stands in the topic, so every reader comes to the same state.
 */
export const applyAction = <T extends MessageLife>(target: T, action: MessageAction): T | string => {
  if (target.content.type === 'notice') return 'it is no message of a person'
  switch (action.type) {
    case 'react':
      return reacted(target, action)
    case 'unreact':
      return withReactions(
        target,
        (target.reactions ?? []).filter(({ from, emoji }) => from !== action.from || emoji !== action.emoji),
      )
    case 'edit':
      return edited(target, action)
    case 'delete':
      return deleted(target, action)
  }
}

export const isEmoji = (text: string): boolean => {
  const { length } = utf8(text)
  return length >= 1 && length <= EMOJI_LIMIT && !/\p{Cc}/u.test(text)
}

const isOf =
  (author: Address) =>
  ({ from }: ReactionMark): boolean =>
    from === author

const reacted = <T extends MessageLife>(
  target: T,
  { id, from, emoji }: Extract<MessageAction, { type: 'react' }>,
): T | string => {
  if (target.content.type === 'deleted') return 'it is deleted'
  if (!isEmoji(emoji)) return `a reaction has 1 to ${EMOJI_LIMIT} bytes and no control characters`
  const reactions = target.reactions ?? []
  const own = reactions.filter(isOf(from))
  if (own.some((mark) => mark.emoji === emoji)) return target
  if (own.length >= REACTIONS_LIMIT) return `a person has at most ${REACTIONS_LIMIT} reactions to a message`
  return { ...target, reactions: [...reactions, { id, from, emoji }] }
}

const withReactions = <T extends MessageLife>(target: T, reactions: readonly ReactionMark[]): T => {
  if (reactions.length === (target.reactions?.length ?? 0)) return target
  const { reactions: _, ...rest } = target
  return (reactions.length === 0 ? rest : { ...rest, reactions }) as T
}

const wordsOf = (content: SendableContent): string => (content.type === 'text' ? content.text : content.markdown)

const edited = <T extends MessageLife>(
  target: T,
  { from, at, content }: Extract<MessageAction, { type: 'edit' }>,
): T | string => {
  const before = target.content
  if (before.type === 'deleted') return 'it is deleted'
  if (from !== target.from) return 'only its author edits a message'
  if (before.type !== 'text' && before.type !== 'markdown') return 'only text can be edited'
  if (content === undefined || wordsOf(content).length === 0) return 'only text can take its place'
  if (at - target.at > EDIT_WINDOW) return 'a message can be edited for a day'
  const editions = [...(target.editions ?? []), { content: before, at: target.editedAt ?? target.at }]
  if (editions.length > EDITIONS_LIMIT) return `a message is edited at most ${EDITIONS_LIMIT} times`
  const bytes = editions.reduce((sum, edition) => sum + utf8(wordsOf(edition.content)).length, 0)
  if (bytes > EDITIONS_BYTES) return 'its earlier wordings take too much room'
  return { ...target, content: inPlaceOf(before, content), editedAt: at, editions }
}

/** New words under what the message is: a reply stays the reply that it was, a forwarded message stays one. */
const inPlaceOf = (before: SendableContent, content: SendableContent): SendableContent => {
  const { replyTo, forwarded } = before
  const kept = {
    ...(content.keyboard === undefined ? {} : { keyboard: content.keyboard }),
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(forwarded ? { forwarded } : {}),
  }
  return content.type === 'text'
    ? { type: 'text', text: content.text, ...kept }
    : { type: 'markdown', markdown: content.markdown, ...kept }
}

const deleted = <T extends MessageLife>(
  target: T,
  { from, moderates }: Extract<MessageAction, { type: 'delete' }>,
): T | string => {
  if (from !== target.from && !moderates) return 'only its author or a moderator deletes a message'
  if (target.content.type === 'deleted') return target
  const { editedAt: _, editions: __, reactions: ___, ...rest } = target
  return { ...rest, content: { type: 'deleted', by: from } } as unknown as T
}
