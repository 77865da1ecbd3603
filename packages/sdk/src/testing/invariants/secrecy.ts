import { toHex, utf8 } from '../../util/bytes.ts'
import type { SimFrame } from '../sim/types.ts'

/** Every text that people write in a simulation begins with this: long enough that no ciphertext shows it by chance. */
export const MARK = 'zq9xvkwj'

/** The same letters as somebody might leak them. */
const forms = [utf8(MARK), utf8(toHex(utf8(MARK))), Buffer.from(MARK, 'utf16le'), ...inBase64()].map((bytes) =>
  Buffer.from(bytes),
)

/** What stays the same of a text in base64, at each of the three places where it can begin. */
function inBase64(): Uint8Array[] {
  return ['', 'a', 'ab'].map((before) => {
    const text = Buffer.from(`${before}${MARK}`).toString('base64').replace(/=+$/, '')
    return utf8(text.slice(before.length === 0 ? 0 : before.length + 1, -1))
  })
}

export const isLeak = (bytes: Uint8Array): boolean => {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return forms.some((form) => view.includes(form))
}

/** A frame that shows what people wrote. */
export const leakIn = ({ bytes, type, from, to }: SimFrame): string | undefined =>
  isLeak(bytes) ? `a ${type} frame from ${from} to ${to} shows what somebody wrote` : undefined

/** True if any bytes or text within a store do. Looks into maps, sets, lists and records. */
export const leaksIn = (value: unknown, seen = new Set<unknown>()): boolean => {
  if (typeof value === 'string') return value.includes(MARK)
  if (value === null || typeof value !== 'object' || seen.has(value)) return false
  seen.add(value)
  if (value instanceof Uint8Array) return isLeak(value)
  if (value instanceof Map) return [...value].some((pair) => leaksIn(pair, seen))
  return (Array.isArray(value) || value instanceof Set ? [...value] : Object.values(value)).some((part) =>
    leaksIn(part, seen),
  )
}
