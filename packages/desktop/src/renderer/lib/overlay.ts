import type { Address, Message, Reaction, SendableContent } from '@dchat/sdk'

/** Something that this person did to a message and that does not stand in the conversation yet. */
export type Overlay =
  | { readonly type: 'react' | 'unreact'; readonly emoji: string }
  | { readonly type: 'edit'; readonly content: SendableContent }
  | { readonly type: 'delete' }

/** The message as it will be. */
export const withOverlays = (message: Message, overlays: readonly Overlay[], me: Address, now: number): Message =>
  overlays.reduce((each, overlay) => withOverlay(each, overlay, me, now), message)

const withOverlay = (message: Message, overlay: Overlay, me: Address, now: number): Message => {
  if (message.content.type === 'deleted') return message
  switch (overlay.type) {
    case 'react':
      return withReactions(message, added(message.reactions ?? [], overlay.emoji, me))
    case 'unreact':
      return withReactions(message, removed(message.reactions ?? [], overlay.emoji, me))
    case 'edit':
      return { ...message, content: keepingReply(message, overlay.content), editedAt: message.editedAt ?? now }
    case 'delete': {
      const { reactions: _, editions: __, ...rest } = message
      return { ...rest, content: { type: 'deleted', by: me } }
    }
  }
}

/** An edit keeps what the message answers. */
const keepingReply = ({ content }: Message, edited: SendableContent): SendableContent =>
  'replyTo' in content && content.replyTo !== undefined ? { ...edited, replyTo: content.replyTo } : edited

const withReactions = (message: Message, reactions: readonly Reaction[]): Message => {
  const { reactions: _, ...rest } = message
  return reactions.length === 0 ? rest : { ...rest, reactions }
}

const added = (reactions: readonly Reaction[], emoji: string, me: Address): readonly Reaction[] => {
  const known = reactions.find((each) => each.emoji === emoji)
  if (known === undefined) return [...reactions, { emoji, from: [me] }]
  if (known.from.includes(me)) return reactions
  return reactions.map((each) => (each === known ? { emoji, from: [...each.from, me] } : each))
}

const removed = (reactions: readonly Reaction[], emoji: string, me: Address): readonly Reaction[] =>
  reactions
    .map((each) => (each.emoji === emoji ? { emoji, from: each.from.filter((one) => one !== me) } : each))
    .filter(({ from }) => from.length > 0)
