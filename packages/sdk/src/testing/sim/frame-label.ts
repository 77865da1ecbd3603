import { FRAME_TYPES } from '../../protocol/wire/frames.ts'

const NAMES = new Map<number, string>(Object.entries(FRAME_TYPES).map(([name, number]) => [number, name]))
const decoder = new TextDecoder()

/** A frame's type, and its method, subscription or code, read from its first bytes only; `?` if it is no frame. */
export const frameLabel = (bytes: Uint8Array): { readonly type: string; readonly detail: string } => {
  const head = bytes[0] ?? 0
  const number = bytes[1] ?? 24
  const type = head >> 5 === 4 && (head & 31) < 24 && number < 24 ? (NAMES.get(number) ?? '?') : '?'
  const named = type === 'request' || type === 'subscribe' || type === 'error' || type === 'end'
  return { type, detail: named ? textAt(bytes, 2 + itemLength(bytes, 2)) : '' }
}

/** Bytes of the number at a place. */
const itemLength = (bytes: Uint8Array, at: number): number => {
  const info = (bytes[at] ?? 0) & 31
  return info < 24 ? 1 : 1 + 2 ** (info - 24)
}

/** A short text at a place, or nothing. */
const textAt = (bytes: Uint8Array, at: number): string => {
  const head = bytes[at] ?? 0
  if (head >> 5 !== 3) return ''
  const short = (head & 31) < 24
  const length = short ? head & 31 : (bytes[at + 1] ?? 0)
  if (!short && (head & 31) !== 24) return ''
  const from = at + (short ? 1 : 2)
  return decoder.decode(bytes.subarray(from, from + length))
}
