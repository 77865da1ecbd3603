import { DchatError } from '../../errors.ts'
import type { Content, SendableContent } from '../../records/content.ts'
import type { Notice } from '../../records/group.ts'
import type { MessageId } from '../../records/ids.ts'
import { fromHex, toHex } from '../../util/bytes.ts'
import { decodeKeyboard, encodeKeyboard } from '../content/keyboard.ts'
import { isMessageId } from '../messages/snapshot.ts'
import type { CborValue } from '../wire/cbor.ts'
import { isText } from './fields.ts'
import { noticeOf, noticeValue } from './notice.ts'
import { offerOf, offerValue } from './offer-content.ts'
import { addressAt, type Names, type Table } from './table.ts'

/** Characters of a text, and bytes of what cannot be read: messages are no longer than that. */
const TEXT_LIMIT = 64 * 1024

const TYPES = ['text', 'markdown', 'unknown', 'deleted', 'notice', 'offer'] as const

const malformed = (reason: string) => new DchatError('protocol/malformed', { format: 'history', reason })

/** CBOR array [number of the type, …fields]; people stand in the table of what it is part of. */
export const contentValue = (content: Content, names: Names): CborValue => {
  const type = TYPES.indexOf(content.type)
  switch (content.type) {
    case 'text':
      return [type, content.text, ...replyValue(content), ...keyboardValue(content)]
    case 'markdown':
      return [type, content.markdown, ...replyValue(content), ...keyboardValue(content)]
    case 'unknown':
      return [type, content.mediaType, content.fallback, content.bytes, ...replyValue(content)]
    case 'deleted':
      return [type, names.person(content.by)]
    case 'notice':
      return [type, noticeValue(content.notice, names)]
    case 'offer':
      return [type, offerValue(content), ...replyValue(content)]
  }
}

const replyValue = (content: { readonly replyTo?: MessageId; readonly forwarded?: true }): readonly CborValue[] => [
  content.replyTo === undefined ? null : (fromHex(content.replyTo) as Uint8Array),
  content.forwarded ?? false,
]

const keyboardValue = (content: SendableContent): readonly CborValue[] =>
  content.keyboard === undefined ? [] : [encodeKeyboard(content, content.keyboard)]

const keyboardOf = (value: unknown): Pick<SendableContent, 'keyboard'> => {
  if (value === undefined) return {}
  if (!(value instanceof Uint8Array) || value.length > TEXT_LIMIT) throw malformed('keyboard')
  const { keyboard } = decodeKeyboard(value)
  return keyboard === undefined ? {} : { keyboard }
}

const replyOf = (reply: unknown, forwarded: unknown) => {
  if (reply !== null && !isMessageId(reply)) throw malformed('reply')
  if (typeof forwarded !== 'boolean') throw malformed('forwarded')
  return {
    ...(reply === null ? {} : { replyTo: toHex(reply) as MessageId }),
    ...(forwarded ? { forwarded: true as const } : {}),
  }
}

/** Throws `protocol/malformed` only. */
export const contentOf = (value: unknown, table: Table): Content => {
  if (!Array.isArray(value)) throw malformed('content')
  const [number, a, b, c, d, e] = value as unknown[]
  const type = TYPES[number as number]
  switch (type) {
    case 'text':
      return { type, text: textOf(a), ...replyOf(b, c), ...keyboardOf(d) }
    case 'markdown':
      return { type, markdown: textOf(a), ...replyOf(b, c), ...keyboardOf(d) }
    case 'unknown': {
      if (!(c instanceof Uint8Array) || c.length > TEXT_LIMIT) throw malformed('bytes')
      const { replyTo } = replyOf(d, e)
      const reply = replyTo === undefined ? {} : { replyTo }
      return { type, mediaType: textOf(a), fallback: textOf(b), bytes: c, ...reply }
    }
    case 'deleted':
      return { type, by: addressAt(table, a) }
    case 'notice':
      return { type, notice: noticeOf(a, table) satisfies Notice }
    case 'offer': {
      const { replyTo } = replyOf(b, c)
      return { ...offerOf(a), ...(replyTo === undefined ? {} : { replyTo }) }
    }
    default:
      throw malformed('type of content')
  }
}

/** Of an earlier wording. */
export const wordsOf = (value: unknown, table: Table): SendableContent => {
  const content = contentOf(value, table)
  if (content.type !== 'text' && content.type !== 'markdown') throw malformed('earlier wording')
  return content
}

const textOf = (value: unknown): string => {
  if (!isText(value, TEXT_LIMIT)) throw malformed('text')
  return value
}
