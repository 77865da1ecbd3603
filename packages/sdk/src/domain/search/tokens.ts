/** A piece of a text as search compares it, and where it stands in the text (UTF-16 units). */
export interface Token {
  readonly text: string
  readonly start: number
  readonly end: number
  /** Of a script without spaces: found anywhere inside a run, not only where it begins. */
  readonly loose: boolean
}

/** Scripts that write no spaces between words, with the marks that they share. */
const LOOSE =
  '\\p{sc=Han}\\p{sc=Hira}\\p{sc=Kana}\\p{sc=Bopo}\\p{sc=Yiii}\\p{sc=Thai}\\p{sc=Laoo}\\p{sc=Khmr}\\p{sc=Mymr}\\p{sc=Tibt}' +
  '\\u3099\\u309a\\u30fc\\uff70\\uff9e\\uff9f'
const WORD = '\\p{L}\\p{M}\\p{N}'
/** A soft hyphen and joiners are inside words. */
const JOINERS = '\\u00ad\\u200c\\u200d'
const PIECE = new RegExp(
  `((?:(?=[${WORD}])[${LOOSE}])+)|((?:(?![${LOOSE}])[${WORD}${JOINERS}])+)|[\\p{ExtPict}\\p{RI}]`,
  'gu',
)
const ASCII = /^[\0-\x7f]*$/
const ASCII_PIECE = /[a-z0-9]+/gi

/** Diacritics, points and signs that people leave out when they type; not the vowels of scripts that need them. */
const SIGNS = new RegExp(
  `[${JOINERS}\\u0300-\\u036f\\u0591-\\u05c7\\u0610-\\u061a\\u0640\\u064b-\\u065f\\u0670\\u06d6-\\u06dc\\u06df-\\u06e8` +
    '\\u06ea-\\u06ed\\u1ab0-\\u1aff\\u1dc0-\\u1dff\\u20d0-\\u20ff\\ufe00-\\ufe0f\\ufe20-\\ufe2f]',
  'g',
)
/** Letters with a stroke and the like, which Unicode does not take apart. */
const ALIKE: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ħ: 'h',
  ŧ: 't',
  ı: 'i',
  ς: 'σ',
}
const LETTERS = /[ßæœøłđðþħŧıς]/g

/** Lower case without diacritics, in one form for all that look alike (NFKC). The same on every platform. */
export const fold = (text: string): string =>
  ASCII.test(text)
    ? text.toLowerCase()
    : text
        .normalize('NFKD')
        .toLowerCase()
        .replace(SIGNS, '')
        .replace(LETTERS, (letter) => ALIKE[letter] as string)
        .normalize('NFKC')

/** Pictures as text of one byte per unit, so that one smile does not double the room of a thousand messages. */
const pictureText = (picture: string): string => `\u0001${(picture.codePointAt(0) as number).toString(36)}\u0002`

/**
 * Words, runs of scripts without spaces, and emoji, in their order. It uses no dictionary, so that every platform finds
 * the same; punctuation only separates.
 */
export const tokensOf = (text: string): readonly Token[] => {
  const tokens: Token[] = []
  if (ASCII.test(text)) {
    for (const { 0: word, index } of text.matchAll(ASCII_PIECE))
      tokens.push({ text: word.toLowerCase(), start: index, end: index + word.length, loose: false })
    return tokens
  }
  for (const { 0: piece, 1: run, 2: word, index } of text.matchAll(PIECE)) {
    const place = { start: index, end: index + piece.length }
    if (run === undefined && word === undefined) {
      tokens.push({ text: pictureText(piece), ...place, loose: false })
      continue
    }
    const folded = fold(piece)
    if (ASCII.test(folded) && /^[a-z0-9]+$/.test(folded)) tokens.push({ text: folded, ...place, loose: false })
    // Folding may take a character apart into several words, or change its script.
    else
      for (const [part, isLoose] of folded.matchAll(PIECE))
        tokens.push({ text: part, ...place, loose: isLoose !== undefined })
  }
  return tokens
}
