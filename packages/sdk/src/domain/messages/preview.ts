import { shortAddress } from '../../protocol/identity/address.ts'
import type { Content } from '../../records/content.ts'
import type { Notice } from '../../records/group.ts'

const LENGTH = 120

/** One line for lists. */
export const previewOf = (content: Content): string => {
  const line = textOf(content).replace(/\s+/gu, ' ').trim()
  const characters = [...line]
  return characters.length > LENGTH ? `${characters.slice(0, LENGTH - 1).join('')}…` : line
}

const textOf = (content: Content): string => {
  switch (content.type) {
    case 'text':
      return content.text
    case 'markdown':
      return content.markdown
    case 'unknown':
      return content.fallback
    case 'offer':
      return content.summary
    case 'deleted':
      return 'This message was deleted.'
    case 'notice':
      return noticeText(content.notice)
  }
}

/** A sentence without names: who shows it knows the contacts, and can say more. */
const noticeText = (notice: Notice): string => {
  const by = shortAddress(notice.by)
  switch (notice.kind) {
    case 'created':
      return `${by} made the group.`
    case 'added':
      return `${by} added ${notice.people.map(shortAddress).join(', ')}.`
    case 'removed':
      return `${by} removed ${notice.people.map(shortAddress).join(', ')}.`
    case 'left':
      return `${by} left.`
    case 'renamed':
      return `${by} named the group “${notice.name}”.`
    case 'picture':
      return `${by} changed the picture.`
    case 'role':
      return `${by} made ${shortAddress(notice.address)} ${notice.role}.`
    case 'timer':
      return notice.seconds === 0
        ? `${by} turned disappearing messages off.`
        : `${by} let new messages disappear after ${spanOf(notice.seconds)}.`
    case 'pinned':
      return `${by} pinned a message.`
    case 'unpinned':
      return `${by} took a message off the pins.`
    case 'repaired':
      return `${by} repaired the conversation.`
    case 'approval-lifted':
      return `${by} lets changes be made without approval again.`
    case 'hubs':
      return `${by} chose the relays of the conversation.`
    case 'moved':
      return `The conversation goes on at ${notice.hub}.`
    case 'bot-installed':
      return `${by} added a bot.`
    case 'bot-scope-changed':
      return `${by} changed what a bot may read.`
    case 'bot-removed':
      return `${by} removed a bot.`
  }
}

const UNITS = [
  ['week', 7 * 24 * 3_600],
  ['day', 24 * 3_600],
  ['hour', 3_600],
  ['minute', 60],
] as const

const spanOf = (seconds: number): string => {
  const [name, unit] = UNITS.find(([, length]) => seconds % length === 0) ?? (['second', 1] as const)
  const count = seconds / unit
  return count === 1 ? `1 ${name}` : `${count} ${name}s`
}
