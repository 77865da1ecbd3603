import type { PressAnswer } from '../../records/content.ts'
import type { MessageId } from '../../records/ids.ts'
import { decodeCbor, encodeCbor } from '../wire/cbor.ts'
import { bool, text, tuple } from '../wire/schema.ts'
import { type ContentFrame, encoded, single } from './compose.ts'
import { ANSWER_MEDIA_TYPE, PRESS_MEDIA_TYPE } from './media-type.ts'
import { DISPOSITIONS } from './mimi.ts'

const CALLBACK_LIMIT = 64
/** Characters (UTF-16). */
export const ANSWER_LIMIT = 200

const parsePress = tuple(text(CALLBACK_LIMIT, 1))
const parseAnswer = tuple(text(ANSWER_LIMIT), bool)

/** Presses a button of the message. */
export const composePress = (target: MessageId, callback: string, frame: ContentFrame): Uint8Array =>
  encoded(frame, single(PRESS_MEDIA_TYPE, encodeCbor([callback]), DISPOSITIONS.unspecified), { inReplyTo: target })

/** Answers a press. */
export const composeAnswer = (press: MessageId, answer: PressAnswer, frame: ContentFrame): Uint8Array => {
  const said = encodeCbor([answer.text, answer.alert])
  return encoded(frame, single(ANSWER_MEDIA_TYPE, said, DISPOSITIONS.unspecified), { inReplyTo: press })
}

/** Which button. Throws `protocol/malformed` or `protocol/too-large`. */
export const decodePress = (bytes: Uint8Array): string => {
  const [callback] = parsePress(decodeCbor(bytes, 'press', { size: 128, depth: 1 }), 'press')
  return callback
}

/** Throws `protocol/malformed` or `protocol/too-large`. */
export const decodeAnswer = (bytes: Uint8Array): PressAnswer => {
  const [words, alert] = parseAnswer(decodeCbor(bytes, 'answer', { size: 1_024, depth: 1 }), 'answer')
  return { text: words, alert }
}
