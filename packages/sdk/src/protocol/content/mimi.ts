import type { CborValue } from '../wire/cbor.ts'

/** MIMI content (draft-ietf-mimi-content-08) as plain data. `mimi-codec.ts` reads and writes it. */

/** Dispositions that the draft names; others are kept as numbers up to 255. */
export const DISPOSITIONS = {
  unspecified: 0,
  render: 1,
  reaction: 2,
  profile: 3,
  inline: 4,
  icon: 5,
  attachment: 6,
  session: 7,
  preview: 8,
} as const

export const PART_SEMANTICS = ['chooseOne', 'singleUnit', 'processAll'] as const
export type PartSemantics = (typeof PART_SEMANTICS)[number]

interface PartHead {
  /** 0 to 255: `DISPOSITIONS` and what later drafts add. */
  readonly disposition: number
  /** BCP 47 tag, or empty. */
  readonly language: string
}

export interface NullPart extends PartHead {
  readonly cardinality: 'null'
}

export interface SinglePart extends PartHead {
  readonly cardinality: 'single'
  /** A media type with its parameters. */
  readonly contentType: string
  readonly content: Uint8Array
}

/** Content that stands elsewhere, encrypted. */
export interface ExternalPart extends PartHead {
  readonly cardinality: 'external'
  readonly contentType: string
  readonly url: string
  /** Seconds since 1970; 0: never. */
  readonly expires: number
  /** Bytes. */
  readonly size: number | bigint
  readonly encAlg: number
  readonly key: Uint8Array
  readonly nonce: Uint8Array
  readonly aad: Uint8Array
  readonly hashAlg: number
  readonly contentHash: Uint8Array
  readonly description: string
  readonly filename: string
}

export interface MultiPart extends PartHead {
  readonly cardinality: 'multi'
  readonly partSemantics: PartSemantics
  /** At least two. */
  readonly parts: readonly NestedPart[]
}

export type NestedPart = NullPart | SinglePart | ExternalPart | MultiPart

export interface MimiContent<ExtensionValue = CborValue> {
  /** 16 bytes. */
  readonly salt: Uint8Array
  /** Id of the message that this one replaces (an edit, or with a null part a deletion). */
  readonly replaces: Uint8Array | null
  readonly topicId: Uint8Array
  /** Seconds: since 1970, or after reading if `relative`. */
  readonly expires: { readonly relative: boolean; readonly time: number } | null
  readonly inReplyTo: Uint8Array | null
  /** By integer or text. 1: sender URI, 2: room URI; what is unknown is kept as it came. */
  readonly extensions: ReadonlyMap<number | string, ExtensionValue>
  readonly body: NestedPart
}

export interface MimiLimits {
  /** Bytes of the whole content; default 64 KiB. */
  readonly size?: number
  /** Nesting of parts, the body being 1; default 4. */
  readonly depth?: number
  /** Parts altogether; default 64. */
  readonly parts?: number
}

export const EXTENSIONS = {
  senderUri: 1,
  roomUri: 2,
  /** `true`: a copy of a message that stands somewhere else. */
  forwarded: 'dchat/forwarded',
} as const
