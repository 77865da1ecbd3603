import type { StoreWriter } from '../../domain/store/store.ts'
import { decodeAnswer, decodePress } from '../../protocol/content/press.ts'
import type { Content, PressAnswer } from '../../records/content.ts'
import type { MessageId } from '../../records/ids.ts'
import type { MessageRecord } from '../records.ts'
import type { ArrivedAction, Outcome, PressAction, PutPress } from './read-action.ts'
import { type FoundMessage, putRef } from './rows.ts'

/** What a press or an answer does at its place; loaded when the first one comes. Throws `protocol/malformed`. */
export const arrivedPress = ({ type, target, said }: PressAction): PutPress => {
  if (type === 'press') {
    const callback = decodePress(said)
    return (tx, arrived, found) => readPress(tx, arrived, found, callback)
  }
  const answer = decodeAnswer(said)
  return (tx, arrived, found) => readAnswer(tx, arrived, found, { press: target, answer })
}

/** Only whose buttons they are and who pressed keep anything of it. */
const readPress = async (
  tx: StoreWriter,
  { id, from, self, at }: ArrivedAction,
  { message, ref }: FoundMessage,
  callback: string,
): Promise<Outcome> => {
  if (ref !== undefined && ref.type !== 'edit') return { refused: 'it names no message' }
  if (!hasButton(message, callback)) return { refused: 'the message has no such button' }
  if (message.from !== self && from !== self) return {}
  await putRef(tx, id, { target: message.id, from, type: 'press' })
  return { act: { id: message.id, by: from, at, type: 'press', press: id, callback } }
}

const readAnswer = async (
  tx: StoreWriter,
  { id, from, self }: ArrivedAction,
  { message, ref }: FoundMessage,
  answered: { readonly press: MessageId; readonly answer: PressAnswer },
): Promise<Outcome> => {
  if (ref?.type !== 'press') return {}
  if (from !== message.from) return { refused: 'only the author of the buttons answers' }
  await putRef(tx, id, { target: message.id, from, type: 'answer' })
  return ref.from === self && from !== self ? { answered: { ...answered, message: message.id } } : {}
}

/** One that is there, or was there before the message was edited: whoever pressed may not have seen the edit. */
export const hasButton = ({ content, editions = [] }: Pick<MessageRecord, 'content' | 'editions'>, callback: string) =>
  [content, ...editions.map((edition) => edition.content)].some((each) => callbacksOf(each).includes(callback))

const callbacksOf = (content: Content): readonly string[] =>
  (('keyboard' in content ? content.keyboard : undefined) ?? [])
    .flat()
    .flatMap((button) => ('callback' in button ? [button.callback] : []))
