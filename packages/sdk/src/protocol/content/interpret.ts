import { isDchatError } from '../../errors.ts'
import type { Keyboard } from '../../records/content.ts'
import { fromUtf8 } from '../../util/bytes.ts'
import { decodeKeyboard } from './keyboard.ts'
import { KEYBOARD_MEDIA_TYPE, mediaTypeOf } from './media-type.ts'
import { DISPOSITIONS, type MimiContent, type NestedPart } from './mimi.ts'

/** A body as this version understands it; `fallback` is what it can show of the rest. */
export type Interpreted =
  | { readonly type: 'text'; readonly text: string; readonly keyboard?: Keyboard }
  | { readonly type: 'markdown'; readonly markdown: string; readonly keyboard?: Keyboard }
  | { readonly type: 'unknown'; readonly mediaType: string; readonly fallback: string }

type Readable = Exclude<Interpreted, { type: 'unknown' }>

const CHARSETS: readonly string[] = ['utf-8', 'utf8', 'us-ascii']
/** Where a text is a message of its own; a reaction or a profile is not. */
const SHOWN: readonly number[] = [DISPOSITIONS.unspecified, DISPOSITIONS.render, DISPOSITIONS.inline]

const readable = (part: NestedPart): Readable | undefined => {
  if (part.cardinality !== 'single') return undefined
  const media = mediaTypeOf(part.contentType)
  if (media === undefined || !CHARSETS.includes(media.charset ?? 'utf-8')) return undefined
  if (media.essence !== 'text/plain' && media.essence !== 'text/markdown') return undefined
  try {
    const text = fromUtf8(part.content)
    return media.essence === 'text/plain' ? { type: 'text', text } : { type: 'markdown', markdown: text }
  } catch {
    return undefined
  }
}

/** A text with buttons, where the part is one. */
const withButtons = (part: NestedPart): Readable | undefined => {
  if (part.cardinality !== 'single' || mediaTypeOf(part.contentType)?.essence !== KEYBOARD_MEDIA_TYPE) return undefined
  try {
    return decodeKeyboard(part.content)
  } catch (error) {
    if (isDchatError(error)) return undefined
    throw error
  }
}

const textOf = (part: Readable): string => (part.type === 'text' ? part.text : part.markdown)

/** The first readable text, depth first. */
const firstText = (part: NestedPart): string | undefined => {
  if (part.cardinality !== 'multi') {
    const read = readable(part)
    return read === undefined ? undefined : textOf(read)
  }
  for (const inner of part.parts) {
    const text = firstText(inner)
    if (text !== undefined) return text
  }
  return undefined
}

/** The media type of the first part that this version cannot read; of the first part if all can be read. */
const firstMediaType = (part: NestedPart): string => {
  const types = leaves(part).flatMap((leaf) =>
    leaf.cardinality === 'null' || leaf.cardinality === 'multi'
      ? []
      : [{ type: leaf.contentType, read: readable(leaf) }],
  )
  return (types.find(({ read }) => read === undefined) ?? types[0])?.type ?? ''
}

const leaves = (part: NestedPart): NestedPart[] => (part.cardinality === 'multi' ? part.parts.flatMap(leaves) : [part])

const sentence = (part: NestedPart, mediaType: string): string => {
  const name = mediaTypeOf(mediaType)?.essence ?? 'content of an unknown kind'
  const external = leaves(part).find((leaf) => leaf.cardinality === 'external')
  if (external === undefined) return `This message holds ${name}, which this version cannot show.`
  const description = external.description.trim() || external.filename.trim()
  return description === ''
    ? `This message has an attachment (${name}), which this version cannot open.`
    : `${description} (an attachment, ${name}, which this version cannot open)`
}

const unknown = (body: NestedPart): Interpreted => {
  const mediaType = firstMediaType(body)
  return { type: 'unknown', mediaType, fallback: firstText(body) ?? sentence(body, mediaType) }
}

/** If all alternatives can be read the first one is the message; else one of them was meant for a newer version. */
const chosen = (body: NestedPart): Readable | undefined => {
  if (body.cardinality !== 'multi' || body.partSemantics !== 'chooseOne') return readable(body)
  const [first] = body.parts
  const pressable = first === undefined ? undefined : withButtons(first)
  if (pressable !== undefined) return pressable
  const read = body.parts.map(readable)
  return read.every((part) => part !== undefined) ? read[0] : undefined
}

export const interpret = ({ body }: Pick<MimiContent<unknown>, 'body'>): Interpreted => {
  if (body.cardinality === 'null') return { type: 'unknown', mediaType: '', fallback: 'This message is empty.' }
  const read = SHOWN.includes(body.disposition) ? chosen(body) : undefined
  return read ?? unknown(body)
}
