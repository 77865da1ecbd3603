import type { Client, Contact, Conversation, Message } from '@dchat/sdk'
import type { ChatView, ContactView, MessageView } from './types.ts'

export const contactView = ({ address, name, relays, addedAt }: Contact): ContactView => ({
  address,
  ...(name === undefined ? {} : { name }),
  relays,
  addedAt,
})

export const chatView = ({ id, kind, peer, title, state, unread, lastMessage }: Conversation): ChatView => ({
  id,
  kind,
  peer,
  ...(title === undefined ? {} : { title }),
  state,
  unread,
  ...(lastMessage === undefined ? {} : { last: { ...lastMessage } }),
})

const contentView = ({ content }: Message): Pick<MessageView, 'format' | 'text' | 'mediaType'> => {
  if (content.type === 'text') return { format: 'text', text: content.text }
  if (content.type === 'markdown') return { format: 'markdown', text: content.markdown }
  return { format: 'unknown', text: content.fallback, mediaType: content.mediaType }
}

/** Plain JSON of a message, with the author's contact name where there is one. */
export const messageView = async (client: Pick<Client, 'contacts'>, message: Message): Promise<MessageView> => {
  const { id, conversation, from, own, at, state, failure, content, clientId, cursor } = message
  const name = own ? undefined : (await client.contacts.find(from))?.name
  return {
    id,
    chat: conversation,
    from,
    ...(name === undefined ? {} : { name }),
    own,
    at,
    state,
    ...(failure === undefined ? {} : { failure }),
    ...contentView(message),
    ...(content.replyTo === undefined ? {} : { replyTo: content.replyTo }),
    ...(clientId === undefined ? {} : { clientId }),
    ...(cursor === undefined ? {} : { cursor }),
  }
}
