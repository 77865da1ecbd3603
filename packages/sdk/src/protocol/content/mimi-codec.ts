import { DchatError } from '../../errors.ts'
import { type CborValue, decodeCbor, encodeCbor } from '../wire/cbor.ts'
import { MESSAGE_ID_LENGTH } from './message-id.ts'
import { EXTENSIONS, type MimiContent, type MimiLimits, type NestedPart, PART_SEMANTICS } from './mimi.ts'

const FORMAT = 'message content'
const SALT_LENGTH = 16
const UINT32 = 0xffff_ffff
const CARDINALITY = { null: 0, single: 1, external: 2, multi: 3 } as const

const DEFAULTS: Required<MimiLimits> = { size: 64 * 1024, depth: 4, parts: 64 }

const malformed = (reason: string) => new DchatError('protocol/malformed', { format: FORMAT, reason })

const partValue = (part: NestedPart): CborValue => {
  const head = [part.disposition, part.language, CARDINALITY[part.cardinality]]
  switch (part.cardinality) {
    case 'null':
      return head
    case 'single':
      return [...head, part.contentType, part.content]
    case 'external':
      return [
        ...head,
        part.contentType,
        part.url,
        part.expires,
        part.size,
        part.encAlg,
        part.key,
        part.nonce,
        part.aad,
        part.hashAlg,
        part.contentHash,
        part.description,
        part.filename,
      ]
    case 'multi':
      return [...head, PART_SEMANTICS.indexOf(part.partSemantics), part.parts.map(partValue)]
  }
}

/**
 * Encodes deterministically. What could not be decoded again within `limits` is refused:
 * `protocol/too-large` and `protocol/malformed`.
 */
export const encodeMimi = (content: MimiContent, limits: MimiLimits = {}): Uint8Array => {
  const { salt, replaces, topicId, expires, inReplyTo, extensions, body } = content
  const bytes = encodeCbor([
    salt,
    replaces,
    topicId,
    expires === null ? null : [expires.relative, expires.time],
    inReplyTo,
    extensions,
    partValue(body),
  ])
  decodeMimi(bytes, limits)
  return bytes
}

/** Takes the elements of an array one by one and knows what each must be. */
class Elements {
  readonly #values: readonly unknown[]
  #at = 0

  constructor(value: unknown, what: string) {
    if (!Array.isArray(value)) throw malformed(`${what} is not an array`)
    this.#values = value
  }

  any(): unknown {
    if (this.#at >= this.#values.length) throw malformed('an array is too short')
    return this.#values[this.#at++]
  }

  bytes(length?: number): Uint8Array {
    const value = this.any()
    if (!(value instanceof Uint8Array)) throw malformed('bytes are expected')
    if (length !== undefined && value.length !== length) throw malformed(`${length} bytes are expected`)
    return value
  }

  text(): string {
    const value = this.any()
    if (typeof value !== 'string') throw malformed('a text is expected')
    return value
  }

  uint(max: number): number {
    const value = this.any()
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > max)
      throw malformed('a number is out of range')
    return value
  }

  uint64(): number | bigint {
    const value = this.any()
    if (typeof value === 'bigint' && value >= 0n) return value
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
      throw malformed('a number is out of range')
    return value
  }

  messageId(): Uint8Array | null {
    const value = this.any()
    if (value === null) return null
    if (!(value instanceof Uint8Array) || value.length !== MESSAGE_ID_LENGTH)
      throw malformed('a message id is expected')
    return value
  }

  end(): void {
    if (this.#at !== this.#values.length) throw malformed('an array is too long')
  }
}

const readExpires = (value: unknown): MimiContent['expires'] => {
  if (value === null) return null
  const elements = new Elements(value, 'the expiry')
  const relative = elements.any()
  if (typeof relative !== 'boolean') throw malformed('the expiry is neither relative nor absolute')
  const time = elements.uint(UINT32)
  elements.end()
  return { relative, time }
}

const readExtensions = (value: unknown): ReadonlyMap<number | string, unknown> => {
  if (!(value instanceof Map)) throw malformed('the extensions are not a map')
  for (const [name, extension] of value) {
    const named = typeof name === 'string' ? name.length >= 1 && name.length <= 255 : Number.isSafeInteger(name)
    if (!named) throw malformed('the name of an extension is neither an integer nor a short text')
    const isUri = name === EXTENSIONS.senderUri || name === EXTENSIONS.roomUri
    if (isUri && typeof extension !== 'string') throw malformed('a URI is not a text')
  }
  return value
}

const readPart = (value: unknown, depth: number, budget: { parts: number }): NestedPart => {
  if (depth === 0) throw malformed('its parts are nested too deep')
  if (budget.parts-- === 0) throw malformed('it has too many parts')
  const elements = new Elements(value, 'a part')
  const head = { disposition: elements.uint(255), language: elements.text() }
  const part = readBody(elements, head, depth, budget)
  elements.end()
  return part
}

const readBody = (
  elements: Elements,
  head: { readonly disposition: number; readonly language: string },
  depth: number,
  budget: { parts: number },
): NestedPart => {
  switch (elements.uint(255)) {
    case CARDINALITY.null:
      return { ...head, cardinality: 'null' }
    case CARDINALITY.single:
      return { ...head, cardinality: 'single', contentType: elements.text(), content: elements.bytes() }
    case CARDINALITY.external:
      return {
        ...head,
        cardinality: 'external',
        contentType: elements.text(),
        url: elements.text(),
        expires: elements.uint(UINT32),
        size: elements.uint64(),
        encAlg: elements.uint(0xffff),
        key: elements.bytes(),
        nonce: elements.bytes(),
        aad: elements.bytes(),
        hashAlg: elements.uint(0xff),
        contentHash: elements.bytes(),
        description: elements.text(),
        filename: elements.text(),
      }
    case CARDINALITY.multi: {
      const partSemantics = PART_SEMANTICS[elements.uint(PART_SEMANTICS.length - 1)] ?? 'processAll'
      const values = elements.any()
      if (!Array.isArray(values) || values.length < 2) throw malformed('a multipart has fewer than two parts')
      const parts = values.map((value) => readPart(value, depth - 1, budget))
      return { ...head, cardinality: 'multi', partSemantics, parts }
    }
    default:
      throw malformed('a part is of an unknown kind')
  }
}

/**
 * Decodes within bounds. Extensions may hold any CBOR (floats, tags); a sender need not encode deterministically,
 * because ids are computed over the bytes as they came. Throws `protocol/too-large` and `protocol/malformed` only.
 */
export const decodeMimi = (bytes: Uint8Array, limits: MimiLimits = {}): MimiContent<unknown> => {
  const { size, depth, parts } = { ...DEFAULTS, ...limits }
  const value = decodeCbor(bytes, FORMAT, { size, items: 4096, maps: true, deterministic: false, foreign: true })
  const elements = new Elements(value, 'it')
  const content = {
    salt: elements.bytes(SALT_LENGTH),
    replaces: elements.messageId(),
    topicId: elements.bytes(),
    expires: readExpires(elements.any()),
    inReplyTo: elements.messageId(),
    extensions: readExtensions(elements.any()),
    body: readPart(elements.any(), depth, { parts }),
  }
  elements.end()
  return content
}
