import type { Address, Client, Content, ConversationId, Message, Notice } from '@dchat/sdk'
import { shortAddress } from '@dchat/sdk'
import { noticeText } from './notices.ts'
import type { MessageView, NoticeView } from './types.ts'

type Source = Pick<Client, 'address' | 'contacts' | 'conversations' | 'messages'>
type Names = ReadonlyMap<Address, string>
type Said = Pick<
  MessageView,
  'format' | 'text' | 'offer' | 'mediaType' | 'notice' | 'deletedBy' | 'forwarded' | 'replyTo'
>

/** Characters of a message that stand above the answer to it. */
const QUOTE = 80

/** Plain JSON of messages, with what of it other records tell: the author's contact name, the group, what is answered. */
export interface Viewer {
  view(message: Message): Promise<MessageView>
}

/** Whom a message tells of. */
const addressesIn = ({ from, content }: Message): readonly Address[] => {
  if (content.type === 'deleted') return [from, content.by]
  if (content.type !== 'notice') return [from]
  const { notice } = content
  return [
    notice.by,
    ...('people' in notice ? notice.people : []),
    ...('address' in notice ? [notice.address] : []),
    ...('removed' in notice && notice.removed !== undefined ? [notice.removed] : []),
  ]
}

/** Contacts by the names that they go by here, others by what they call themselves, marked: it is theirs to choose. */
const namesOf = async (client: Source, messages: readonly Message[]): Promise<Names> => {
  const names = new Map<Address, string>()
  for (const { address, name } of await client.contacts.list()) if (name !== undefined) names.set(address, name)
  for (const address of new Set(messages.flatMap(addressesIn))) {
    if (address === client.address || names.has(address)) continue
    const { nickname, profile } = await client.contacts.person(address)
    const name = nickname ?? (profile?.name === undefined ? undefined : `~${profile.name}`)
    if (name !== undefined) names.set(address, name)
  }
  return names
}

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
        ...(content.keyboard === undefined ? {} : { keyboard: content.keyboard }),
        ...(content.forwarded === undefined ? {} : { forwarded: content.forwarded }),
        ...(content.replyTo === undefined ? {} : { replyTo: content.replyTo }),
      }
    case 'offer':
      return {
        format: 'offer',
        text: content.summary,
        offer: {
          id: content.offer,
          event: content.event,
          step: typeof content.step === 'string' ? content.step : content.step.unknown,
          ...(content.refused === undefined ? {} : { refused: content.refused }),
        },
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

  const answeredBy = async ({ content }: Message): Promise<Message | undefined> => {
    const replyTo = 'replyTo' in content ? content.replyTo : undefined
    return replyTo === undefined ? undefined : client.messages.get(replyTo)
  }

  const quoteOf = (answered: Message | undefined, names: Names): Pick<MessageView, 'quote'> => {
    if (answered === undefined) return {}
    const { from, own } = answered
    const name = own ? undefined : names.get(from)
    const text = beginning(said(answered.content, called(client.address, names)).text)
    return { quote: { from, own, text, ...(name === undefined ? {} : { name }) } }
  }

  return {
    view: async (message) => {
      const { id, conversation, from, own, at, state, failure, content, clientId, cursor } = message
      const answered = await answeredBy(message)
      const names = await namesOf(client, answered === undefined ? [message] : [message, answered])
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
        ...quoteOf(answered, names),
        ...lifeOf(message),
        ...(clientId === undefined ? {} : { clientId }),
        ...(cursor === undefined ? {} : { cursor }),
      }
    },
  }
}
