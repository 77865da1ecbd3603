import type { Content, SendableContent } from '../../records/content.ts'
import type { MessageId } from '../../records/ids.ts'
import { fromUtf8 } from '../../util/bytes.ts'
import { type Interpreted, interpret } from './interpret.ts'
import {
  ANSWER_MEDIA_TYPE,
  LISTING_MEDIA_TYPE,
  mediaTypeOf,
  OFFER_MEDIA_TYPE,
  PRESS_MEDIA_TYPE,
  QUERY_MEDIA_TYPE,
  RESULTS_MEDIA_TYPE,
} from './media-type.ts'
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
  /** A press of a button; `said` is encoded and unread. */
  | { readonly type: 'press'; readonly target: MessageId; readonly said: Uint8Array }
  /** An answer to a press, which is its target; `said` is encoded and unread. */
  | { readonly type: 'answer'; readonly target: MessageId; readonly said: Uint8Array }

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
  /** A step of an offer (offers.md), encoded and unread; `content` is what clients show that do not know offers. */
  | (ReadFrame & {
      readonly kind: 'offer'
      readonly signed: Uint8Array
      /** The listing that came with it, unread too. */
      readonly listing?: Uint8Array
      readonly content: Content
      readonly expires?: ContentExpiry
    })
  | (ReadFrame & { readonly kind: 'action'; readonly action: WireAction })
  /** What somebody asks a bot while they type, or what it answers to `target`; `said` is encoded and unread. */
  | (ReadFrame & { readonly kind: 'inline'; readonly target?: MessageId; readonly said: Uint8Array })
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
  const said = inlineOf(mimi)
  if (said !== undefined) return { ...read, kind: 'inline', ...said }
  const action = actionOf(mimi)
  if (action !== undefined) return { ...read, kind: 'action', action }
  const { expires } = mimi
  const content = contentOf(mimi, bytes)
  const end = expires === null ? {} : { expires }
  const signed = offerIn(mimi.body)
  if (signed === undefined) return { ...read, kind: 'message', content, ...end }
  const listing = listingIn(mimi.body)
  return { ...read, kind: 'offer', signed, ...(listing && { listing }), content, ...end }
}

const listingIn = (body: NestedPart): Uint8Array | undefined => {
  const last = body.cardinality === 'multi' ? body.parts[body.parts.length - 1] : undefined
  if (last?.cardinality !== 'single') return undefined
  return mediaTypeOf(last.contentType)?.essence === LISTING_MEDIA_TYPE ? last.content : undefined
}

/** The step of an offer that a body is, alone or beside its words for others. */
const offerIn = (body: NestedPart): Uint8Array | undefined => {
  if (body.cardinality === 'multi')
    return body.partSemantics === 'chooseOne' && body.parts[0]?.cardinality === 'single'
      ? offerIn(body.parts[0])
      : undefined
  const isOffer = body.cardinality === 'single' && mediaTypeOf(body.contentType)?.essence === OFFER_MEDIA_TYPE
  return isOffer ? body.content : undefined
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
  if (replaces === null) return inReplyTo === null ? undefined : answering(messageIdText(inReplyTo), body)
  const target = messageIdText(replaces)
  if (body.cardinality === 'null') return { type: 'retract', target }
  const content = interpret(mimi)
  return content.type === 'unknown' ? { type: 'edit', target } : { type: 'edit', target, content }
}

const inlineOf = ({ body, inReplyTo }: MimiContent<unknown>) => {
  if (body.cardinality !== 'single') return undefined
  const essence = mediaTypeOf(body.contentType)?.essence
  if (inReplyTo === null) return essence === QUERY_MEDIA_TYPE ? { said: body.content } : undefined
  return essence === RESULTS_MEDIA_TYPE ? { said: body.content, target: messageIdText(inReplyTo) } : undefined
}

const answering = (target: MessageId, body: NestedPart): WireAction | undefined => {
  const emoji = reactionOf(body)
  if (emoji !== undefined) return { type: 'react', target, emoji }
  if (body.cardinality !== 'single') return undefined
  const essence = mediaTypeOf(body.contentType)?.essence
  const type = essence === PRESS_MEDIA_TYPE ? 'press' : essence === ANSWER_MEDIA_TYPE ? 'answer' : undefined
  return type === undefined ? undefined : { type, target, said: body.content }
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
