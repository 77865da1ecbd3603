/** A seeded source of chances (mulberry32), so that a failing run can be named by one number. */
export interface Random {
  /** A number in [0, 1). */
  next(): number
  /** A whole number in [from, to]. */
  whole(from: number, to: number): number
}

export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return { next, whole: (from, to) => from + Math.floor(next() * (to - from + 1)) }
}
