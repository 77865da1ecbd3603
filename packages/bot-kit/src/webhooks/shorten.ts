import type { BotEvent } from '../events/event.ts'

/** Bytes of a body: what receivers of Standard Webhooks are ready for. */
export const BODY_LIMIT = 20_000

/** What may be long, in the order in which it is left out first where several are equally long. */
const LONG = [
  'message.text',
  'message.command.args',
  'message.keyboard',
  'message.mentions',
  'members',
  'offer.text',
  'offer.items',
] as const

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))

/** The object that holds the last name of a path, and that name. */
const holderOf = (data: object, path: string): [Record<string, unknown>, string] | undefined => {
  const names = path.split('.')
  const last = names.pop() as string
  let holder: unknown = data
  for (const name of names) holder = (holder as Readonly<Record<string, unknown>> | undefined)?.[name]
  const isThere = typeof holder === 'object' && holder !== null && Object.hasOwn(holder, last)
  return isThere ? [holder as Record<string, unknown>, last] : undefined
}

/** The beginning of a text or of a list; a character of two code units is not cut in the middle. */
const beginning = (value: string | readonly unknown[], length: number): string | readonly unknown[] => {
  if (typeof value !== 'string') return value.slice(0, length)
  const isHalf = (value.charCodeAt(length - 1) & 0xfc00) === 0xd800
  return value.slice(0, isHalf ? length - 1 : length)
}

/** The longest beginning that takes at most so many bytes as JSON. */
const fitting = (value: string | readonly unknown[], bytes: number): string | readonly unknown[] => {
  let [fits, tooLong] = [0, value.length + 1]
  while (tooLong - fits > 1) {
    const middle = (fits + tooLong) >> 1
    if (bytesOf(beginning(value, middle)) <= bytes) fits = middle
    else tooLong = middle
  }
  return beginning(value, fits)
}

/**
 * An event whose JSON has at most `limit` bytes: its longest parts are cut, and `data.shortened` names them. One that is
 * short enough stays as it is.
 */
export const shortened = (event: BotEvent, limit = BODY_LIMIT): BotEvent => {
  if (bytesOf(event) <= limit) return event
  const cut = structuredClone(event)
  const names: string[] = []
  cut.data.shortened = names
  const left: string[] = [...LONG]
  for (let over = bytesOf(cut) - limit; over > 0 && left.length > 0; over = bytesOf(cut) - limit) {
    const sizeOf = (path: string): number => {
      const [holder, name] = holderOf(cut.data, path) ?? []
      return holder === undefined || name === undefined ? 0 : bytesOf(holder[name])
    }
    const longest = left.reduce((one, other) => (sizeOf(other) > sizeOf(one) ? other : one))
    left.splice(left.indexOf(longest), 1)
    const [holder, name] = holderOf(cut.data, longest) ?? []
    if (holder === undefined || name === undefined) continue
    // Its own name in the list takes room too.
    const room = sizeOf(longest) - over - bytesOf(longest) - 1
    names.push(longest)
    const kept = fitting(holder[name] as string | readonly unknown[], room)
    holder[name] = kept
    // Rows of buttons are one at least.
    if (name === 'keyboard' && kept.length === 0) delete holder[name]
  }
  return cut
}
