// Everything that could move the cursor, recolour the terminal or reorder the line of somebody else. Tab and newline stay.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g

/** Text from others, safe to show on a terminal. */
const printable = (text: string): string => text.replace(/\r\n/g, '\n').replace(UNSAFE, '\ufffd')

/** The same on one line, for names and previews. */
export const oneLine = (text: string): string => printable(text).replace(/[\n\t]+/g, ' ')

/** An address in few columns: its beginning and its end. */
export const shortened = (address: string): string => `${address.slice(0, 12)}…${address.slice(-6)}`

/** Later lines are indented, so that no message can look like the start of another one. */
export const indented = (text: string): string => printable(text).replace(/\n/g, '\n    ')

// JSON leaves these bare; a terminal would still act on them.
const BARE = /[\u007f-\u009f]/g

export const jsonLine = (value: unknown): string =>
  `${JSON.stringify(value).replace(BARE, (char) => `\\u00${char.charCodeAt(0).toString(16)}`)}\n`

/** Local time to the second, the same width everywhere. */
export const localTime = (ms: number): string => {
  const date = new Date(ms)
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

export interface Style {
  bold(text: string): string
  dim(text: string): string
}

/** Colours only for a terminal that wants them (no-color.org). */
export const style = (wanted: boolean): Style => ({
  bold: (text) => (wanted ? `\u001b[1m${text}\u001b[22m` : text),
  dim: (text) => (wanted ? `\u001b[2m${text}\u001b[22m` : text),
})
