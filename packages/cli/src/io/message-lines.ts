import type { MessageView } from '../methods/types.ts'
import type { Style } from './text.ts'
import { indented, localTime, oneLine } from './text.ts'

/** The fields of a message line: what docs/cli.md lists under "message". */
export const messageFields = (message: MessageView): object => {
  const { at, mediaType, replyTo, clientId, cursor, ...rest } = message
  return {
    ...(cursor === undefined ? {} : { cursor }),
    ...rest,
    at: new Date(at).toISOString(),
    ...(mediaType === undefined ? {} : { media_type: mediaType }),
    ...(replyTo === undefined ? {} : { reply_to: replyTo }),
    ...(clientId === undefined ? {} : { client_id: clientId }),
  }
}

const author = ({ own, name, from }: MessageView): string =>
  own ? 'you' : name === undefined ? `${from.slice(0, 12)}…${from.slice(-6)}` : oneLine(name)

/** One message for people: time, author, text; own ones with how far they came. */
export const messageText = (message: MessageView, style: Style): string => {
  const state = message.own ? style.dim(` [${message.state}]`) : ''
  return `${style.dim(localTime(message.at))}  ${style.bold(author(message))}: ${indented(message.text)}${state}`
}
