import { DchatError } from '../../errors.ts'
import type { Button, Keyboard, SendableContent } from '../../records/content.ts'
import { utf8 } from '../../util/bytes.ts'
import { decodeCbor, encodeCbor } from '../wire/cbor.ts'
import { array, literal, malformed, text, tuple } from '../wire/schema.ts'

const ROWS = 20
const ROW = 8
const BUTTONS = 40
/** Bytes of UTF-8. */
const LABEL_LIMIT = 64
const CALLBACK_LIMIT = 64
const URL_LIMIT = 1_024
const SIZE = 64 * 1_024

const FORMATS = ['text', 'markdown'] as const
/** Kinds of buttons on the wire. */
const CALLBACK = 0
const LINK = 1

const isShort = (value: string, limit: number): boolean => {
  const { length } = utf8(value)
  return length >= 1 && length <= limit
}

const isButton = (button: Button): boolean =>
  isShort(button.text, LABEL_LIMIT) &&
  !/\p{Cc}/u.test(button.text) &&
  ('url' in button
    ? button.url.length <= URL_LIMIT && /^https:\/\/[!-~]+$/.test(button.url)
    : isShort(button.callback, CALLBACK_LIMIT))

const fits = (keyboard: Keyboard): boolean =>
  keyboard.length >= 1 &&
  keyboard.length <= ROWS &&
  keyboard.every(({ length }) => length >= 1 && length <= ROW) &&
  keyboard.flat().length <= BUTTONS &&
  keyboard.flat().every(isButton)

const RULE = 'its rows, buttons, texts, callbacks or addresses are not what a keyboard may have'

/** Throws `usage/invalid-argument`. */
export const checkKeyboard = (keyboard: Keyboard): void => {
  if (!fits(keyboard)) throw new DchatError('usage/invalid-argument', { name: 'keyboard', reason: RULE })
}

const parseKeyboard = tuple(
  literal(0, 1),
  text(SIZE, 1),
  array(array(tuple(literal(CALLBACK, LINK), text(LABEL_LIMIT, 1), text(URL_LIMIT, 1)), 1, ROW), 1, ROWS),
)

/** CBOR array [format, text, rows], each row an array of buttons [kind, text, callback or address]. */
export const encodeKeyboard = (content: SendableContent, keyboard: Keyboard): Uint8Array =>
  encodeCbor([
    FORMATS.indexOf(content.type),
    content.type === 'text' ? content.text : content.markdown,
    keyboard.map((row) =>
      row.map((button) =>
        'url' in button ? [LINK, button.text, button.url] : [CALLBACK, button.text, button.callback],
      ),
    ),
  ])

/** Throws `protocol/malformed` or `protocol/too-large`. */
export const decodeKeyboard = (bytes: Uint8Array): SendableContent => {
  const [format, words, rows] = parseKeyboard(decodeCbor(bytes, 'keyboard', { size: SIZE, depth: 4 }), 'keyboard')
  const keyboard = rows.map((row) =>
    row.map(
      ([kind, label, value]): Button =>
        kind === LINK ? { text: label, url: value } : { text: label, callback: value },
    ),
  )
  if (!fits(keyboard)) throw malformed('keyboard', RULE)
  return format === 0 ? { type: 'text', text: words, keyboard } : { type: 'markdown', markdown: words, keyboard }
}

/** The words with the buttons numbered beneath them, for who does not know buttons. */
export const withNumbers = (content: SendableContent, keyboard: Keyboard): string => {
  const words = content.type === 'text' ? content.text : content.markdown
  const buttons = keyboard
    .flat()
    .map((button, at) => `${at + 1}. ${button.text}${'url' in button ? `: ${button.url}` : ''}`)
  return `${words}\n\n${buttons.join('\n')}`
}
