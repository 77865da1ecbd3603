import type { ChatView } from '../methods/types.ts'
import type { Style } from './text.ts'
import { localTime, oneLine } from './text.ts'

/** The fields of a chat's line. */
export const chatFields = ({ last, ...chat }: ChatView): object => ({
  ...chat,
  ...(last === undefined ? {} : { last: { ...last, at: new Date(last.at).toISOString() } }),
})

/** What people need not be told of. */
const USUAL = new Set(['open', 'opening'])

/** The type, fields and text of a conversation's line. */
export const chatLine = (chat: ChatView, style: Style): readonly [type: string, fields: object, text: string] => {
  const { id, kind, title, peer, state, unread, last } = chat
  const group = kind === 'group' ? '\t[group]' : ''
  const told = USUAL.has(state) ? '' : `\t(${state})`
  const waiting = unread > 0 ? `\t(${unread} unread)` : ''
  const said = last === undefined ? '' : `\t${style.dim(localTime(last.at))}\t${oneLine(last.preview)}`
  return ['chat', chatFields(chat), `${style.bold(oneLine(title ?? peer ?? id))}${group}${told}${waiting}${said}`]
}
