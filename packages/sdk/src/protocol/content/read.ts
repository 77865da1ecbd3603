import type { Content, SendableContent } from '../../records/content.ts'
import type { MessageId } from '../../records/ids.ts'
import { fromUtf8 } from '../../util/bytes.ts'
import { type Interpreted, interpret } from './interpret.ts'
import { mediaTypeOf } from './media-type.ts'
import { messageIdText } from './message-id.ts'
import { DISPOSITIONS, EXTENSIONS, type MimiContent, type MimiLimits, type NestedPart } from './mimi.ts'
import { decodeMimi } from './mimi-codec.ts'
import { decodeStatusReport, STATUS_MEDIA_TYPE, type StatusItem } from './status.ts'

/** What content asks to be done to a message that was sent before (messages.md). */
export type WireAction =
  | { readonly type: 'react'; readonly target: MessageId; readonly emoji: string }
  /** `content` is absent where the new body is none that a message can be edited to. */
  | { readonly type: 'edit'; readonly target: MessageId; readonly content?: SendableContent }
  /** Deletes a message, or takes a reaction back: what the target is decides. */
  | { readonly type: 'retract'; readonly target: MessageId }

interface ReadFrame {
  readonly salt: Uint8Array
  /** What the content says of its sender and room; a caller holds it against what MLS proved. */
  readonly senderUri?: string
  readonly roomUri?: string
}

/** Seconds: since 1970, or after the accepted time if `relative`. */
export interface ContentExpiry {
  readonly relative: boolean
  readonly time: number
}

export type ReadContent =
  | (ReadFrame & { readonly kind: 'message'; readonly content: Content; readonly expires?: ContentExpiry })
  | (ReadFrame & { readonly kind: 'action'; readonly action: WireAction })
  | (ReadFrame & { readonly kind: 'status'; readonly items: readonly StatusItem[] })

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
  const items = reportOf(mimi.body)
  if (items !== undefined) return { ...read, kind: 'status', items }
  const action = actionOf(mimi)
  if (action !== undefined) return { ...read, kind: 'action', action }
  const { expires } = mimi
  const content = contentOf(mimi, bytes)
  return { ...read, kind: 'message', content, ...(expires === null ? {} : { expires }) }
}

const uriOf = (mimi: MimiContent<unknown>, name: number): string | undefined => {
  const uri = mimi.extensions.get(name)
  return typeof uri === 'string' ? uri : undefined
}

const reportOf = (body: NestedPart): StatusItem[] | undefined => {
  if (body.cardinality !== 'single' || mediaTypeOf(body.contentType)?.essence !== STATUS_MEDIA_TYPE) return undefined
  return decodeStatusReport(body.content)
}

const actionOf = (mimi: MimiContent<unknown>): WireAction | undefined => {
  const { replaces, inReplyTo, body } = mimi
  if (replaces === null) {
    const emoji = inReplyTo === null ? undefined : reactionOf(body)
    return inReplyTo === null || emoji === undefined
      ? undefined
      : { type: 'react', target: messageIdText(inReplyTo), emoji }
  }
  const target = messageIdText(replaces)
  if (body.cardinality === 'null') return { type: 'retract', target }
  const content = interpret(mimi)
  return content.type === 'unknown' ? { type: 'edit', target } : { type: 'edit', target, content }
}

/** The text of a reaction; whether it is a fitting one is a rule of messages. */
const reactionOf = (body: NestedPart): string | undefined => {
  if (body.cardinality !== 'single' || body.disposition !== DISPOSITIONS.reaction) return undefined
  if (mediaTypeOf(body.contentType)?.essence !== 'text/plain') return undefined
  try {
    return fromUtf8(body.content)
  } catch {
    return undefined
  }
}

const contentOf = (mimi: MimiContent<unknown>, bytes: Uint8Array): Content => {
  const interpreted: Interpreted = interpret(mimi)
  const reply = mimi.inReplyTo === null ? {} : { replyTo: messageIdText(mimi.inReplyTo) }
  if (interpreted.type === 'unknown') return { ...interpreted, bytes, ...reply }
  return {
    ...interpreted,
    ...reply,
    ...(mimi.extensions.get(EXTENSIONS.forwarded) === true ? { forwarded: true } : {}),
  }
}
