import type { FoundView } from '../methods/search-types.ts'
import { localTime, oneLine, type Style, shortened } from './text.ts'

/** The fields of a line that tells what was found. */
export const foundFields = ({ type: _, at, ...found }: FoundView): object => ({
  ...found,
  at: new Date(at).toISOString(),
})

/** The excerpt with what was found in bold. Each piece is made safe by itself: that may change its length. */
const marked = (excerpt: string, marks: FoundView['marks'], style: Style): string => {
  let line = ''
  let at = 0
  for (const [start, end] of marks) {
    line += oneLine(excerpt.slice(at, start)) + style.bold(oneLine(excerpt.slice(start, end)))
    at = end
  }
  return line + oneLine(excerpt.slice(at))
}

/** One line for people: time, author, place, and the piece of the text that was found. */
export const foundText = (found: FoundView, style: Style, { ids = false }: { readonly ids?: boolean } = {}): string => {
  const { id, at, own, name, from, group, excerpt, marks } = found
  const author = own ? 'you' : name === undefined ? shortened(from) : oneLine(name)
  const place = group === undefined ? '' : ` (${oneLine(group)})`
  return `${ids ? `${id}  ` : ''}${style.dim(localTime(at))}  ${author}${place}: ${marked(excerpt, marks, style)}`
}
