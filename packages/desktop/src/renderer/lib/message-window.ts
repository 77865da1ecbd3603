import type { Message, MessageId } from '@dchat/sdk'

/** Messages of one conversation, oldest first; own ones that are not sent yet stand last, in the order of writing. */
export type MessageWindow = readonly Message[]

const placeOf = ({ position }: Message): number => position ?? Number.POSITIVE_INFINITY

/** The window with the message in its place: a new one, or another state of one that is there. */
export const placed = (window: MessageWindow, message: Message): MessageWindow => {
  const at = window.findLastIndex(({ id }) => id === message.id)
  if (at >= 0 && window[at]?.position === message.position) return window.with(at, message)
  const rest = at < 0 ? window : window.toSpliced(at, 1)
  const before = rest.findLastIndex((each) => placeOf(each) <= placeOf(message))
  return rest.toSpliced(before + 1, 0, message)
}

export const without = (window: MessageWindow, ids: ReadonlySet<MessageId>): MessageWindow => {
  const rest = window.filter(({ id }) => !ids.has(id))
  return rest.length === window.length ? window : rest
}

/** The oldest so many; `newer`: the cursor of what was cut off. What has no place yet cannot be cut at. */
export const firstOf = (window: MessageWindow, most: number): { window: MessageWindow; newer?: string } => {
  const last = window[most - 1]?.position
  if (window.length <= most || last === undefined) return { window }
  return { window: window.slice(0, most), newer: `${last}` }
}

/** The newest so many; `older`: the cursor of what was cut off. */
export const lastOf = (window: MessageWindow, most: number): { window: MessageWindow; older?: string } => {
  const first = window.at(-most)?.position
  if (window.length <= most || first === undefined) return { window }
  return { window: window.slice(-most), older: `${first}` }
}

/** A message that never left and was dropped: it is nowhere any more. */
export const isDropped = ({ own, content, position }: Message): boolean =>
  own && content.type === 'deleted' && position === undefined

/** Of somebody else, and not read yet. */
export const isUnread = ({ own, state, content }: Message): boolean =>
  !own && state === 'delivered' && content.type !== 'notice'

/** The first of the newest so many unread ones. */
export const firstUnread = (window: MessageWindow, count: number): MessageId | undefined =>
  count <= 0 ? undefined : window.filter(isUnread).slice(-count)[0]?.id
