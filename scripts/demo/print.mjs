const INDENT = '  '
const LABEL = 18

/** Colours only for a terminal that wants them (no-color.org). */
const wantsColour = (stream, env) => stream.isTTY === true && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb'

/** Writes calm, aligned text: headings, rows of a label and a value, and whole lines. */
export const printer = (stream, env) => {
  const paint = wantsColour(stream, env)
  const bold = (text) => (paint ? `\u001b[1m${text}\u001b[22m` : text)
  const dim = (text) => (paint ? `\u001b[2m${text}\u001b[22m` : text)
  const line = (text = '') => stream.write(`${text}\n`)
  return {
    heading: (text) => line(`\n${bold(text)}`),
    /** Further lines of a value stand below its first. */
    row: (label, value) =>
      line(`${INDENT}${dim(label.padEnd(LABEL))}${value.replaceAll('\n', `\n${INDENT}${' '.repeat(LABEL)}`)}`),
    /** As it is to be copied. */
    plain: (text) => line(`${INDENT}${text}`),
    note: (text) => line(`${INDENT}${dim(text)}`),
    line,
  }
}
