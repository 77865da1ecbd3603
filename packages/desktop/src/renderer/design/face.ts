const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

const first = (word: string): string => [...graphemes.segment(word)][0]?.segment ?? ''

/** One or two letters that stand for a name; none for an empty one, and one sign for names that are not of letters. */
export const initials = (name: string): string => {
  const words = name
    .trim()
    .split(/\s+/)
    .map((word) => word.replace(/^[^\p{L}\p{N}\p{Extended_Pictographic}]+/u, ''))
    .filter((word) => word !== '')
  const [head, ...others] = words
  if (head === undefined) return ''
  const last = others.at(-1)
  // Scripts that write names without capitals, and emoji, take one sign: two would not be read as a pair.
  if (last === undefined || !/^\p{Lu}/u.test(head) || !/^[\p{Lu}\p{N}]/u.test(last))
    return first(head).toLocaleUpperCase()
  return first(head) + first(last)
}

const HUES = [25, 50, 75, 110, 155, 185, 215, 240, 265, 295, 325, 350] as const

/** A colour for life: the same text has the same one on every device. */
export const hueOf = (seed: string): number => {
  let hash = 2_166_136_261
  for (const letter of seed) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 16_777_619)
  return HUES[(hash >>> 0) % HUES.length] ?? HUES[0]
}
