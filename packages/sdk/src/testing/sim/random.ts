import { createCipheriv, createHash } from 'node:crypto'
import type { SimRandom } from './types.ts'

const BLOCK = 1024
const ZEROS = new Uint8Array(BLOCK)

/** The keystream of AES-256-CTR under a hash of the seed: fast, and the same on every machine. */
export const seededRandom = (seed: string): SimRandom => {
  const key = createHash('sha256').update(`dchat/simulation/v1\0${seed}`).digest()
  const cipher = createCipheriv('aes-256-ctr', key, new Uint8Array(16))
  let block = cipher.update(ZEROS)
  let at = 0

  const bytes = (length: number): Uint8Array => {
    const out = new Uint8Array(length)
    for (let filled = 0; filled < length; ) {
      if (at === block.length) {
        block = cipher.update(ZEROS)
        at = 0
      }
      const part = block.subarray(at, at + length - filled)
      out.set(part, filled)
      filled += part.length
      at += part.length
    }
    return out
  }

  /** 0 (included) to 1 (excluded), from 48 bits. */
  const fraction = (): number => bytes(6).reduce((sum, byte) => sum * 256 + byte, 0) / 2 ** 48
  const int = (below: number): number => Math.floor(fraction() * below)

  return {
    int,
    between: (min, max) => min + int(max - min + 1),
    // Nothing is drawn for what is certain: a fault that is off leaves every other choice as it was.
    chance: (probability) => probability > 0 && (probability >= 1 || fraction() < probability),
    pick: <T>(list: readonly T[]): T => {
      if (list.length === 0) throw new RangeError('there is nothing to pick from')
      return list[int(list.length)] as T
    },
    shuffle: <T>(list: readonly T[]): T[] => {
      const out = [...list]
      for (let i = out.length - 1; i > 0; i--) {
        const j = int(i + 1)
        ;[out[i], out[j]] = [out[j] as T, out[i] as T]
      }
      return out
    },
    bytes,
    fork: (label) => seededRandom(`${seed}/${label}`),
  }
}
