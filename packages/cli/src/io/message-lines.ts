import type { ButtonView, EventView, InvitationView, MessageView } from '../methods/types.ts'
import { requestFields, requestText } from './people-lines.ts'
import type { Style } from './text.ts'
import { indented, localTime, oneLine, shortened } from './text.ts'

const iso = (ms: number): string => new Date(ms).toISOString()

/** The fields of a message line: what docs/cli.md lists under "message". */
export const messageFields = (message: MessageView): object => {
  const { cursor, at, mediaType, deletedBy, replyTo, editedAt, editions, expiresAt, clientId, ...rest } = message
  return {
    ...(cursor === undefined ? {} : { cursor }),
    ...rest,
    at: iso(at),
    ...(mediaType === undefined ? {} : { media_type: mediaType }),
    ...(deletedBy === undefined ? {} : { deleted_by: deletedBy }),
    ...(replyTo === undefined ? {} : { reply_to: replyTo }),
    ...(editedAt === undefined ? {} : { edited_at: iso(editedAt) }),
    ...(editions === undefined ? {} : { editions: editions.map((edition) => ({ ...edition, at: iso(edition.at) })) }),
    ...(expiresAt === undefined ? {} : { expires_at: iso(expiresAt) }),
    ...(clientId === undefined ? {} : { client_id: clientId }),
  }
}

export interface MessageTextOptions {
  /** Names the group: the lines come from several conversations. */
  readonly where?: boolean
  /** The whole id in front, to name the message in another command. */
  readonly ids?: boolean
  /** The message was shown before and is other now. */
  readonly again?: boolean
}

type Author = Pick<MessageView, 'own' | 'name'> & { readonly from: string }

const author = ({ own, name, from }: Author): string =>
  own ? 'you' : name === undefined ? shortened(from) : oneLine(name)

const markOf = ({ state, own, format, receipts }: MessageView): string => {
  if (!own || format === 'notice' || format === 'deleted') return ''
  if (receipts === undefined) return ` [${state}]`
  const { delivered, read } = receipts
  return ` [${state}, ${delivered.length} have it, ${read.length} read it]`
}

const notes = ({ offer, forwarded, editedAt, pinned, expiresAt }: MessageView): string =>
  [
    ...(offer?.refused === undefined ? [] : [`counts for nobody: ${offer.refused.replaceAll('_', ' ')}`]),
    ...(forwarded === undefined ? [] : ['forwarded']),
    ...(editedAt === undefined ? [] : ['edited']),
    ...(pinned === undefined ? [] : ['pinned']),
    ...(expiresAt === undefined ? [] : [`disappears ${localTime(expiresAt)}`]),
  ]
    .map((note) => ` (${note})`)
    .join('')

/** Numbers are over all buttons, as others number them that know no buttons. */
const buttonText = (button: ButtonView, number: number): string =>
  'url' in button
    ? `[${number}] ${oneLine(button.text)}: ${oneLine(button.url)}`
    : `[${number}] ${oneLine(button.text)}`

/** One message for people: time, author, text; own ones with how far they came. */
export const messageText = (message: MessageView, style: Style, options: MessageTextOptions = {}): string => {
  const { id, at, group, format, text, quote, keyboard = [], reactions = [] } = message
  const place = options.where === true && group !== undefined ? ` (${oneLine(group)})` : ''
  const begin = `${options.ids === true ? `${id}  ` : ''}${style.dim(localTime(at))}  ${options.again === true ? '~ ' : ''}`
  if (format === 'notice') return `${begin}* ${indented(text)}${place}`
  const said = format === 'deleted' ? style.dim(indented(text)) : indented(text)
  const answered = quote === undefined ? [] : [style.dim(`    > ${author(quote)}: ${oneLine(quote.text)}`)]
  const felt = reactions.map(({ emoji, from }) => `${oneLine(emoji)} ${from.length}`).join('  ')
  const first = (row: number): number => keyboard.slice(0, row).flat().length + 1
  const buttons = keyboard.map((row, at) => row.map((button, of) => buttonText(button, first(at) + of)).join('  '))
  return [
    `${begin}${style.bold(author(message))}${place}: ${said}${style.dim(`${notes(message)}${markOf(message)}`)}`,
    ...answered,
    ...buttons.map((row) => `    ${row}`),
    ...(felt === '' ? [] : [`    ${felt}`]),
  ].join('\n')
}

export const invitationFields = ({ at, ...invitation }: InvitationView): object => ({ ...invitation, at: iso(at) })

export const invitationText = (invitation: InvitationView, style: Style): string => {
  const { chat, from, name, title, people, at } = invitation
  const who = style.bold(author({ own: false, from, ...(name === undefined ? {} : { name }) }))
  return `${style.dim(localTime(at))}  * ${who} asks you into "${oneLine(title)}" (${people} people)\t${chat}`
}

/** The type and fields of an event's line, and what people see of it. */
export const eventLine = (
  event: EventView,
  style: Style,
  options: MessageTextOptions,
): readonly [type: string, fields: object, text: string] => {
  switch (event.type) {
    case 'invitation':
      return ['invitation', invitationFields(event.invitation), invitationText(event.invitation, style)]
    case 'request':
      return ['request', requestFields(event.request), requestText(event.request, style)]
    case 'change': {
      const { changed, message } = event
      return [
        'change',
        { changed, ...messageFields(message) },
        messageText(message, style, { ...options, again: true }),
      ]
    }
    case 'expired':
      return ['expired', { chat: event.chat, messages: event.messages }, '']
  }
}
