import { applyAction, EDITIONS_LIMIT, type MessageAction } from '../../domain/messages/life.ts'
import type { PastAction, PastMessage } from '../../protocol/history/message.ts'
import type { SendableContent } from '../../records/content.ts'
import type { Edition } from '../../records/message.ts'
import type { MessageRecord } from '../records.ts'

/**
 * A message that is known here, as it is with what another own device or the archive knows of it. That one read the
 * conversation up to some place; what was done to the message here and is not known there came behind it. `done`: what was
 * done to it here, oldest first. The same record comes back where nothing is new.
 */
export const mergePast = (known: MessageRecord, done: readonly PastAction[], past: PastMessage): MessageRecord => {
  const { editedAt: _, editions: __, reactions: ___, ...rest } = known
  if (known.content.type === 'deleted' || known.content.type === 'notice') return known
  if (past.content.type === 'deleted') return { ...rest, content: past.content }
  const here = new Set(done.map(({ id }) => id))
  const words = wordingsOf(known)
  const isKnown = wordingsOf(past).every((one) => words.some((other) => isSame(one, other)))
  if (isKnown && (past.actions ?? []).every(({ id }) => here.has(id))) return known
  const there = new Set(past.actions?.map(({ id }) => id))
  const behind = done.filter(({ id }) => !there.has(id))
  const reactions = behind.reduce((marks, action) => reactedBy(known, marks, action), past.reactions)
  return { ...rest, ...wordsOf(known, past), ...(reactions === undefined ? {} : { reactions }) }
}

type Marks = MessageRecord['reactions']

const reactedBy = ({ from, at, content }: MessageRecord, reactions: Marks, done: PastAction): Marks => {
  const action = meant(done)
  if (action === undefined) return reactions
  const next = applyAction({ from, at, content, ...(reactions === undefined ? {} : { reactions }) }, action)
  return typeof next === 'string' ? reactions : next.reactions
}

const meant = ({ id, from, type, emoji }: PastAction): MessageAction | undefined => {
  if (emoji === undefined || type === 'edit') return undefined
  return type === 'react' ? { type, id, from, emoji } : { type: 'unreact', from, emoji }
}

type Words = Pick<MessageRecord, 'content' | 'editedAt' | 'editions'>

/** The wordings of both, each once, in the order of their times. */
const wordsOf = (known: Words & { readonly at: number }, past: Words & { readonly at: number }): Words => {
  const [there, here] = [wordingsOf(past), wordingsOf(known)]
  const added = here.filter((one) => !there.some((other) => isSame(one, other)))
  const all = [...there, ...added].sort((a, b) => a.at - b.at).slice(-EDITIONS_LIMIT - 1)
  const last = all[all.length - 1]
  if (last === undefined || all.length === 1) return { content: known.content }
  return { content: last.content, editedAt: last.at, editions: all.slice(0, -1) }
}

/** None where a message has no words that could be edited. */
const wordingsOf = ({ content, editedAt, editions = [], at }: Words & { readonly at: number }): readonly Edition[] =>
  content.type === 'text' || content.type === 'markdown' ? [...editions, { content, at: editedAt ?? at }] : []

const isSame = (a: Edition, b: Edition): boolean => a.at === b.at && textOf(a.content) === textOf(b.content)

const textOf = (content: SendableContent): string => (content.type === 'text' ? content.text : content.markdown)
