import type { Address, Client, Content, ConversationId, Message, Notice } from '@dchat/sdk'
import { shortAddress } from '@dchat/sdk'
import { noticeText } from './notices.ts'
import type { MessageView, NoticeView } from './types.ts'

type Source = Pick<Client, 'address' | 'contacts' | 'conversations' | 'messages'>
type Names = ReadonlyMap<Address, string>
type Said = Pick<MessageView, 'format' | 'text' | 'mediaType' | 'notice' | 'deletedBy' | 'forwarded' | 'replyTo'>

/** Characters of a message that stand above the answer to it. */
const QUOTE = 80

/** Plain JSON of messages, with what of it other records tell: the author's contact name, the group, what is answered. */
export interface Viewer {
  view(message: Message): Promise<MessageView>
}

const namesOf = async (client: Source): Promise<Names> =>
  new Map((await client.contacts.list()).flatMap(({ address, name }) => (name === undefined ? [] : [[address, name]])))

/** How a person is called in sentences. */
const called =
  (self: Address, names: Names) =>
  (address: Address): string =>
    address === self ? 'you' : (names.get(address) ?? shortAddress(address))

// A notice is plain JSON already; its addresses and ids are texts.
const noticeView = (notice: Notice): NoticeView => ({ ...notice })

const said = (content: Content, who: (address: Address) => string): Said => {
  switch (content.type) {
    case 'text':
    case 'markdown':
      return {
        format: content.type,
        text: content.type === 'text' ? content.text : content.markdown,
        ...(content.forwarded === undefined ? {} : { forwarded: content.forwarded }),
        ...(content.replyTo === undefined ? {} : { replyTo: content.replyTo }),
      }
    case 'unknown':
      return {
        format: 'unknown',
        text: content.fallback,
        mediaType: content.mediaType,
        ...(content.replyTo === undefined ? {} : { replyTo: content.replyTo }),
      }
    case 'deleted':
      return { format: 'deleted', text: `${who(content.by)} deleted this message`, deletedBy: content.by }
    case 'notice':
      return { format: 'notice', text: noticeText(content.notice, who), notice: noticeView(content.notice) }
  }
}

const beginning = (text: string): string => {
  const characters = [...text.replace(/\s+/gu, ' ').trim()]
  return characters.length > QUOTE ? `${characters.slice(0, QUOTE - 1).join('')}…` : characters.join('')
}

/** What was done to a message after it was sent, and what is known of its way. */
const lifeOf = ({ editedAt, editions, reactions, mentions, expiresAt, pinned, receipts }: Message) => ({
  ...(editedAt === undefined ? {} : { editedAt }),
  ...(editions === undefined
    ? {}
    : { editions: editions.map(({ content, at }) => ({ format: content.type, text: wording(content), at })) }),
  ...(reactions === undefined ? {} : { reactions }),
  ...(mentions === undefined ? {} : { mentions }),
  ...(expiresAt === undefined ? {} : { expiresAt }),
  ...(pinned === undefined ? {} : { pinned }),
  ...(receipts === undefined ? {} : { receipts }),
})

const wording = (content: Extract<Content, { type: 'text' | 'markdown' }>): string =>
  content.type === 'text' ? content.text : content.markdown

/** For messages one after the other: the names of groups are looked up once, and again when a notice was met. */
export const createViewer = (client: Source): Viewer => {
  const groups = new Map<ConversationId, string | undefined>()

  const groupOf = async ({ conversation, content }: Message): Promise<string | undefined> => {
    if (content.type === 'notice') groups.delete(conversation)
    if (!groups.has(conversation)) {
      const record = await client.conversations.get(conversation)
      groups.set(conversation, record?.kind === 'group' ? (record.title ?? '') : undefined)
    }
    return groups.get(conversation)
  }

  const quoteOf = async ({ content }: Message, names: Names): Promise<Pick<MessageView, 'quote'>> => {
    const replyTo = 'replyTo' in content ? content.replyTo : undefined
    const answered = replyTo === undefined ? undefined : await client.messages.get(replyTo)
    if (answered === undefined) return {}
    const { from, own } = answered
    const name = own ? undefined : names.get(from)
    const text = beginning(said(answered.content, called(client.address, names)).text)
    return { quote: { from, own, text, ...(name === undefined ? {} : { name }) } }
  }

  return {
    view: async (message) => {
      const { id, conversation, from, own, at, state, failure, content, clientId, cursor } = message
      const names = await namesOf(client)
      const name = own ? undefined : names.get(from)
      const group = await groupOf(message)
      return {
        id,
        chat: conversation,
        ...(group === undefined ? {} : { group }),
        from,
        ...(name === undefined ? {} : { name }),
        own,
        at,
        state,
        ...(failure === undefined ? {} : { failure }),
        ...said(content, called(client.address, names)),
        ...(await quoteOf(message, names)),
        ...lifeOf(message),
        ...(clientId === undefined ? {} : { clientId }),
        ...(cursor === undefined ? {} : { cursor }),
      }
    },
  }
}
