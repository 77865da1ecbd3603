export const TEXT_MEDIA_TYPE = 'text/plain;charset=utf-8'
/** A signed step of an offer, CBOR [body, signature] (offers.md). */
export const OFFER_MEDIA_TYPE = 'application/vnd.dchat.offer+cbor'
/** The signed listing that the terms of an offer name, CBOR [body, signature]. */
export const LISTING_MEDIA_TYPE = 'application/vnd.dchat.listing+cbor'
/** A text with buttons, CBOR [format, text, rows] (messages.md). */
export const KEYBOARD_MEDIA_TYPE = 'application/vnd.dchat.keyboard+cbor'
/** A button was pressed, CBOR [callback] (messages.md). */
export const PRESS_MEDIA_TYPE = 'application/vnd.dchat.press+cbor'
/** What the author of the buttons says to that, CBOR [text, alert] (messages.md). */
export const ANSWER_MEDIA_TYPE = 'application/vnd.dchat.answer+cbor'
/** What somebody asks a bot while they type, CBOR [text] (messages.md). */
export const QUERY_MEDIA_TYPE = 'application/vnd.dchat.query+cbor'
/** What a bot finds, CBOR [seconds, results] (messages.md). */
export const RESULTS_MEDIA_TYPE = 'application/vnd.dchat.results+cbor'
export const MARKDOWN_MEDIA_TYPE = 'text/markdown;variant=GFM-MIMI'

export interface MediaType {
  /** Type and subtype, lower case. */
  readonly essence: string
  /** Lower case; absent if not named. */
  readonly charset?: string
}

const ESSENCE = /^[a-z0-9!#$&^_.+-]{1,127}\/[a-z0-9!#$&^_.+-]{1,127}$/

/** Reads what matters of a media type (RFC 9110 8.3.1, RFC 6838 4.2); undefined if it is none. */
export const mediaTypeOf = (text: string): MediaType | undefined => {
  const [first = '', ...parameters] = text.toLowerCase().split(';')
  const essence = first.trim()
  if (!ESSENCE.test(essence)) return undefined
  const charset = parameters
    .map((parameter) => /^\s*charset\s*=\s*"?([a-z0-9_-]+)"?\s*$/.exec(parameter)?.[1])
    .find(Boolean)
  return charset === undefined ? { essence } : { essence, charset }
}
