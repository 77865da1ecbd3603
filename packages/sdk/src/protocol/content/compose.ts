import type { Keyboard, SendableContent } from '../../records/content.ts'
import type { MessageId } from '../../records/ids.ts'
import { utf8 } from '../../util/bytes.ts'
import { encodeKeyboard, withNumbers } from './keyboard.ts'
import { KEYBOARD_MEDIA_TYPE, MARKDOWN_MEDIA_TYPE, TEXT_MEDIA_TYPE } from './media-type.ts'
import { messageIdBytes } from './message-id.ts'
import { DISPOSITIONS, EXTENSIONS, type MimiContent, type NestedPart } from './mimi.ts'
import { encodeMimi } from './mimi-codec.ts'
import { encodeStatusReport, STATUS_MEDIA_TYPE, type StatusItem } from './status.ts'

/** What the intent fixes before the first attempt, so that a repetition has the same bytes and the same id. */
export interface ContentFrame {
  /** 16 random bytes. */
  readonly salt: Uint8Array
  readonly senderUri: string
  readonly roomUri: string
}

interface Relations {
  readonly replaces?: MessageId
  readonly inReplyTo?: MessageId | undefined
  readonly forwarded?: boolean | undefined
}

export const encoded = (
  { salt, senderUri, roomUri }: ContentFrame,
  body: NestedPart,
  { replaces, inReplyTo, forwarded }: Relations = {},
): Uint8Array =>
  encodeMimi({
    salt,
    replaces: replaces === undefined ? null : messageIdBytes(replaces),
    topicId: new Uint8Array(),
    expires: null,
    inReplyTo: inReplyTo === undefined ? null : messageIdBytes(inReplyTo),
    extensions: new Map<number | string, string | true>([
      [EXTENSIONS.senderUri, senderUri],
      [EXTENSIONS.roomUri, roomUri],
      ...(forwarded ? [[EXTENSIONS.forwarded, true] as const] : []),
    ]),
    body,
  } satisfies MimiContent)

export const single = (contentType: string, content: Uint8Array, disposition: number): NestedPart => ({
  disposition,
  language: '',
  cardinality: 'single',
  contentType,
  content,
})

const bodyOf = (content: SendableContent): NestedPart => {
  const { keyboard } = content
  return keyboard === undefined ? wordsOf(content) : withKeyboard(content, keyboard)
}

/** The words with their buttons, or for who does not know buttons the words with numbers. */
const withKeyboard = (content: SendableContent, keyboard: Keyboard): NestedPart => {
  const numbered = withNumbers(content, keyboard)
  const words = content.type === 'text' ? { ...content, text: numbered } : { ...content, markdown: numbered }
  const parts = [single(KEYBOARD_MEDIA_TYPE, encodeKeyboard(content, keyboard), DISPOSITIONS.render), wordsOf(words)]
  return { disposition: DISPOSITIONS.render, language: '', cardinality: 'multi', partSemantics: 'chooseOne', parts }
}

const wordsOf = (content: SendableContent): NestedPart =>
  content.type === 'text'
    ? single(TEXT_MEDIA_TYPE, utf8(content.text), DISPOSITIONS.render)
    : single(MARKDOWN_MEDIA_TYPE, utf8(content.markdown), DISPOSITIONS.render)

/**
 * MIMI content of a message, 64 KiB at most. Throws `protocol/too-large`, and `usage/invalid-argument` for a
 * `replyTo` that is no message id.
 */
export const composeContent = (content: SendableContent, frame: ContentFrame): Uint8Array =>
  encoded(frame, bodyOf(content), { inReplyTo: content.replyTo, forwarded: content.forwarded })

/** The new wording of a message: `target` is the id under which it was first sent. Throws as `composeContent`. */
export const composeEdit = (target: MessageId, content: SendableContent, frame: ContentFrame): Uint8Array =>
  encoded(frame, bodyOf(content), { replaces: target, inReplyTo: content.replyTo, forwarded: content.forwarded })

export const composeReaction = (target: MessageId, emoji: string, frame: ContentFrame): Uint8Array =>
  encoded(frame, single(TEXT_MEDIA_TYPE, utf8(emoji), DISPOSITIONS.reaction), { inReplyTo: target })

/** Deletes a message, or takes a reaction back: `target` is the id of either. */
export const composeRetraction = (target: MessageId, frame: ContentFrame): Uint8Array =>
  encoded(frame, { disposition: DISPOSITIONS.render, language: '', cardinality: 'null' }, { replaces: target })

/** A delivery and read report, as content of its own that is not shown. */
export const composeReport = (items: readonly StatusItem[], frame: ContentFrame): Uint8Array =>
  encoded(frame, single(STATUS_MEDIA_TYPE, encodeStatusReport(items), DISPOSITIONS.unspecified))
