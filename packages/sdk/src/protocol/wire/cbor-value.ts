/** What deterministic CBOR carries here: no floats, tags or undefined; maps have text keys unless `maps` is asked for. */
export type CborValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly CborValue[]
  | { readonly [key: string]: CborValue | undefined }
  | ReadonlyMap<CborValue, CborValue>

export interface CborLimits {
  /** Bytes of the whole value; default 1 MiB. */
  readonly size?: number
  /** Nesting; default 16. */
  readonly depth?: number
  /** Items in all arrays and maps together; default 65,536. */
  readonly items?: number
  /** Keep maps as `Map` (integer keys); default: objects with text keys. */
  readonly maps?: boolean
  /** Refuse what is not the deterministic encoding of RFC 8949 4.2; default true. */
  readonly deterministic?: boolean
  /**
   * Also accept floats, `undefined` and tags (as `CborTag`): for fields of others' formats that are kept unread.
   * Only together with `deterministic: false`. Default false.
   */
  readonly foreign?: boolean
}

/** A tagged value of another format, kept as it came. */
export interface CborTag {
  readonly tag: number
  readonly value: unknown
}
