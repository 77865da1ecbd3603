/** What to do, without the parts that speak of the command line: here there is a window. */
export const hintWords = (hint: string): string =>
  hint
    .split(/(?<=[.;])\s+/)
    .filter((part) => !part.includes('"dchat '))
    .join(' ')
    .replace(/;$/, '.')
