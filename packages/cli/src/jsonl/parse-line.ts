import { DchatError } from '@dchat/sdk/errors'
import { KEYBOARD } from '../methods/params.ts'
import type { SendParams } from '../methods/types.ts'

/** Bytes of one input line. */
export const INPUT_LIMIT = 1024 * 1024

const bad = (name: string, reason: string): DchatError => new DchatError('usage/invalid-argument', { name, reason })

const text = (value: unknown, name: string): string | undefined => {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string' || value === '') throw bad(name, 'it is not a text')
  return value
}

const texts = (value: unknown, name: string): readonly string[] => {
  if (Array.isArray(value) && value.every((each) => typeof each === 'string' && each !== '')) return value
  throw bad(name, 'it is not a list of texts')
}

const keyboardOf = (value: unknown): NonNullable<SendParams['keyboard']> => {
  const { data } = KEYBOARD.safeParse(value)
  if (data === undefined) throw bad('keyboard', 'it is not rows of buttons')
  return data
}

/** One line of `send --jsonl`. `chat` (or `to`) may be left out where the command line names one. Throws usage errors. */
export const parseLine = (line: string | undefined, chatOfCommand: string | undefined): SendParams => {
  if (line === undefined) throw bad('line', `it is not UTF-8, or longer than ${INPUT_LIMIT} bytes`)
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw bad('line', 'it is not JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad('line', 'it is not an object')
  const fields = value as Readonly<Record<string, unknown>>
  const chat = text(fields.chat, 'chat') ?? text(fields.to, 'to') ?? chatOfCommand
  if (chat === undefined) throw bad('chat', 'it is missing')
  const said = text(fields.text, 'text')
  if (said === undefined) throw bad('text', 'it is missing')
  const clientId = text(fields.client_id, 'client_id')
  const replyTo = text(fields.reply_to, 'reply_to')
  if (fields.markdown !== undefined && typeof fields.markdown !== 'boolean')
    throw bad('markdown', 'it is not true or false')
  return {
    chat,
    text: said,
    ...(clientId === undefined ? {} : { clientId }),
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(fields.markdown === true ? { format: 'markdown' } : {}),
    ...(fields.keyboard === undefined ? {} : { keyboard: keyboardOf(fields.keyboard) }),
    ...(fields.mentions === undefined ? {} : { mentions: texts(fields.mentions, 'mentions') }),
  }
}
