import type { ChatView } from '../methods/types.ts'
import type { Style } from './text.ts'
import { localTime, oneLine } from './text.ts'

const untilOf = ({ until }: NonNullable<ChatView['notify']>): object =>
  until === undefined ? {} : { until: new Date(until).toISOString() }

const QUIET = { all: '', mentions: '\t[mentions only]', none: '\t[muted]' } as const

/** The fields of a chat's line. */
export const chatFields = ({ last, notify, ...chat }: ChatView): object => ({
  ...chat,
  ...(notify === undefined ? {} : { notify: { ...notify, ...untilOf(notify) } }),
  ...(last === undefined ? {} : { last: { ...last, at: new Date(last.at).toISOString() } }),
})

/** What people need not be told of. */
const USUAL = new Set(['open', 'opening'])

/** The type, fields and text of a conversation's line. */
export const chatLine = (chat: ChatView, style: Style): readonly [type: string, fields: object, text: string] => {
  const { id, kind, title, peer, state, unread, last, pinned, archived, notify, draft } = chat
  const group = kind === 'group' ? '\t[group]' : ''
  const marks = `${pinned ? '\t[pinned]' : ''}${archived ? '\t[archived]' : ''}${QUIET[notify?.level ?? 'all']}`
  const told = USUAL.has(state) ? '' : `\t(${state})`
  const waiting = unread > 0 ? `\t(${unread} unread)` : ''
  const begun = draft === undefined ? '' : `\t${style.dim('draft:')} ${oneLine(draft)}`
  const said = last === undefined ? '' : `\t${style.dim(localTime(last.at))}\t${oneLine(last.preview)}`
  const name = style.bold(oneLine(title ?? peer ?? id))
  return ['chat', chatFields(chat), `${name}${group}${marks}${told}${waiting}${said}${begun}`]
}
