/** Offered first where somebody reacts. */
export const QUICK_REACTIONS = ['👍', '❤️', '😂', '😮', '😢', '🙏'] as const

export interface Emoji {
  readonly emoji: string
  readonly label: string
  readonly group: number
  /** Lower-case words that find it, label and short names included. */
  readonly words: readonly string[]
}

const ONE = /^(?:\p{Extended_Pictographic}|\p{Emoji_Component}|\p{Regional_Indicator}|\u200d|\ufe0f)+$/u
const HAS_PICTURE = /\p{Extended_Pictographic}|\p{Regional_Indicator}/u

/** One to three emoji and nothing else: drawn large. */
export const isJumbo = (text: string): boolean => {
  const bare = text.replace(/\s/gu, '')
  if (bare.length === 0 || bare.length > 64 || !ONE.test(bare) || !HAS_PICTURE.test(bare)) return false
  return [...new Intl.Segmenter().segment(bare)].length <= 3
}

/** The best so many for a word: what begins with it first. */
export const findEmoji = (all: readonly Emoji[], typed: string, limit: number): readonly Emoji[] => {
  const word = typed.toLowerCase()
  const rank = ({ words }: Emoji): number => {
    if (words.includes(word)) return 0
    if (words.some((each) => each.startsWith(word))) return 1
    return 2
  }
  return all
    .map((each) => ({ each, rank: rank(each) }))
    .filter((found) => found.rank < 2)
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, limit)
    .map(({ each }) => each)
}

interface RawEmoji {
  readonly label: string
  readonly hexcode: string
  readonly unicode: string
  readonly group?: number
  readonly tags?: readonly string[]
}

/** From the emoji data's own shape; skin tones and single letters of flags are left out. */
const readEmoji = (
  raw: readonly RawEmoji[],
  names: Readonly<Record<string, string | readonly string[]>>,
): readonly Emoji[] =>
  raw.flatMap(({ label, hexcode, unicode, group, tags }) => {
    if (group === undefined || group === COMPONENTS) return []
    const known = names[hexcode] ?? []
    const words = [...(typeof known === 'string' ? [known] : known), ...label.split(/[\s-]+/), ...(tags ?? [])]
    return [{ emoji: unicode, label, group, words: words.map((word) => word.toLowerCase()) }]
  })

const COMPONENTS = 2

/** Loads the emoji data: half a megabyte, so only when somebody looks for one. */
export const loadEmoji = (): Promise<readonly Emoji[]> => {
  loaded ??= Promise.all([
    import('emojibase-data/en/compact.json'),
    import('emojibase-data/en/shortcodes/github.json'),
  ]).then(([data, names]) => readEmoji(data.default, names.default))
  return loaded
}

let loaded: Promise<readonly Emoji[]> | undefined

/** Names of the groups, by their number in the data. */
export const EMOJI_GROUPS: readonly (readonly [number, string])[] = [
  [0, 'Smileys'],
  [1, 'People'],
  [3, 'Animals and nature'],
  [4, 'Food and drink'],
  [5, 'Travel and places'],
  [6, 'Activities'],
  [7, 'Objects'],
  [8, 'Symbols'],
  [9, 'Flags'],
]
