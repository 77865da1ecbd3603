import type { Content, SendableContent } from '../../records/content.ts'
import type { MessageId } from '../../records/ids.ts'
import { utf8 } from '../../util/bytes.ts'
import { type Interpreted, interpret } from './interpret.ts'
import { MARKDOWN_MEDIA_TYPE, mediaTypeOf, TEXT_MEDIA_TYPE } from './media-type.ts'
import { messageIdBytes, messageIdText } from './message-id.ts'
import { DISPOSITIONS, EXTENSIONS, type MimiContent, type MimiLimits, type NestedPart } from './mimi.ts'
import { decodeMimi, encodeMimi } from './mimi-codec.ts'
import { decodeStatusReport, encodeStatusReport, STATUS_MEDIA_TYPE, type StatusItem } from './status.ts'

export { messageIdBytes, messageIdOf, messageIdText, roomUriOf, senderUriOf } from './message-id.ts'

/** What the intent fixes before the first attempt, so that a repetition has the same bytes and the same id. */
export interface ContentFrame {
  /** 16 random bytes. */
  readonly salt: Uint8Array
  readonly senderUri: string
  readonly roomUri: string
}

const frame = (
  { salt, senderUri, roomUri }: ContentFrame,
  body: NestedPart,
  inReplyTo: Uint8Array | null,
): MimiContent => ({
  salt,
  replaces: null,
  topicId: new Uint8Array(),
  expires: null,
  inReplyTo,
  extensions: new Map([
    [EXTENSIONS.senderUri, senderUri],
    [EXTENSIONS.roomUri, roomUri],
  ]),
  body,
})

const single = (contentType: string, content: Uint8Array, disposition: number): NestedPart => ({
  disposition,
  language: '',
  cardinality: 'single',
  contentType,
  content,
})

/**
 * MIMI content of a message, 64 KiB at most. Throws `protocol/too-large`, and `usage/invalid-argument` for a
 * `replyTo` that is no message id.
 */
export const composeContent = (content: SendableContent, options: ContentFrame): Uint8Array => {
  const inReplyTo = content.replyTo === undefined ? null : messageIdBytes(content.replyTo)
  const body =
    content.type === 'text'
      ? single(TEXT_MEDIA_TYPE, utf8(content.text), DISPOSITIONS.render)
      : single(MARKDOWN_MEDIA_TYPE, utf8(content.markdown), DISPOSITIONS.render)
  return encodeMimi(frame(options, body, inReplyTo))
}

/** A delivery and read report, as content of its own that is not shown. */
export const composeReport = (items: readonly StatusItem[], options: ContentFrame): Uint8Array =>
  encodeMimi(frame(options, single(STATUS_MEDIA_TYPE, encodeStatusReport(items), DISPOSITIONS.unspecified), null))

interface ReadFrame {
  readonly salt: Uint8Array
  /** What the content says of its sender and room; a caller holds it against what MLS proved. */
  readonly senderUri?: string
  readonly roomUri?: string
}

export type ReadContent =
  | (ReadFrame & {
      readonly kind: 'message'
      readonly content: Content
      /** The message that this one edits or, without a body, deletes. */
      readonly replaces?: MessageId
      /** Seconds: since 1970, or after reading if `relative`. */
      readonly expires?: { readonly relative: boolean; readonly time: number }
    })
  | (ReadFrame & { readonly kind: 'status'; readonly items: readonly StatusItem[] })

const uriOf = (mimi: MimiContent<unknown>, name: number): string | undefined => {
  const uri = mimi.extensions.get(name)
  return typeof uri === 'string' ? uri : undefined
}

const contentOf = (interpreted: Interpreted, bytes: Uint8Array, replyTo: MessageId | undefined): Content => {
  const reply = replyTo === undefined ? {} : { replyTo }
  return interpreted.type === 'unknown' ? { ...interpreted, bytes, ...reply } : { ...interpreted, ...reply }
}

/**
 * What MIMI content says, in records. Content that this version does not know comes as `unknown`, with a fallback and
 * the whole encoded content as `bytes`. Throws `protocol/too-large` and `protocol/malformed` only.
 */
export const readContent = (bytes: Uint8Array, limits: MimiLimits = {}): ReadContent => {
  const mimi = decodeMimi(bytes, limits)
  const senderUri = uriOf(mimi, EXTENSIONS.senderUri)
  const roomUri = uriOf(mimi, EXTENSIONS.roomUri)
  const read: ReadFrame = {
    salt: mimi.salt,
    ...(senderUri === undefined ? {} : { senderUri }),
    ...(roomUri === undefined ? {} : { roomUri }),
  }
  const report = reportOf(mimi.body)
  if (report !== undefined) return { ...read, kind: 'status', items: report }
  const replyTo = mimi.inReplyTo === null ? undefined : messageIdText(mimi.inReplyTo)
  return {
    ...read,
    kind: 'message',
    content: contentOf(interpret(mimi), bytes, replyTo),
    ...(mimi.replaces === null ? {} : { replaces: messageIdText(mimi.replaces) }),
    ...(mimi.expires === null ? {} : { expires: mimi.expires }),
  }
}

const reportOf = (body: NestedPart): StatusItem[] | undefined => {
  if (body.cardinality !== 'single' || mediaTypeOf(body.contentType)?.essence !== STATUS_MEDIA_TYPE) return undefined
  return decodeStatusReport(body.content)
}
