interface Piece {
  readonly text: string
  readonly marked: boolean
}

/** An excerpt cut at its marks, [start, end) in UTF-16 units and in order. */
export const pieces = (excerpt: string, marks: readonly (readonly [number, number])[]): readonly Piece[] => {
  const cut: Piece[] = []
  let at = 0
  for (const [start, end] of marks) {
    cut.push({ text: excerpt.slice(at, start), marked: false }, { text: excerpt.slice(start, end), marked: true })
    at = end
  }
  cut.push({ text: excerpt.slice(at), marked: false })
  return cut.filter(({ text }) => text !== '')
}
