import type { Address, Notice } from '@dchat/sdk'
import { timerText } from '../io/duration.ts'

const ROLE = { owner: 'an owner', admin: 'an admin', member: 'a member' } as const

const list = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`

/** What a bot reads, in words. */
export const readsText = (read: 'all' | readonly string[]): string => {
  if (read === 'all') return 'all messages'
  return read.length === 0 ? 'nothing but presses' : read.join(', ')
}

/** One sentence without its full stop: `alice added bob and you`. */
export const noticeText = (notice: Notice, who: (address: Address) => string): string => {
  const by = who(notice.by)
  switch (notice.kind) {
    case 'created':
      return `${by} created the group`
    case 'added':
      return `${by} added ${list(notice.people.map(who))}`
    case 'removed':
      return `${by} removed ${list(notice.people.map(who))}`
    case 'left':
      return `${by} left`
    case 'renamed':
      return `${by} named the group "${notice.name}"`
    case 'picture':
      return `${by} changed the picture`
    case 'role':
      return `${by} made ${who(notice.address)} ${ROLE[notice.role]}`
    case 'timer':
      return notice.seconds === 0
        ? `${by} turned disappearing messages off`
        : `${by} let messages disappear after ${timerText(notice.seconds)}`
    case 'pinned':
      return `${by} pinned a message`
    case 'unpinned':
      return `${by} took a pin off`
    case 'repaired':
      return `${by} left a change behind that broke the rules${
        notice.removed === undefined ? '' : `, and ${who(notice.removed)}, who made it`
      }${notice.approval === undefined ? '' : `; for now changes need the approval of ${notice.approval}`}`
    case 'approval-lifted':
      return `${by} lets changes be made without approval again`
    case 'hubs':
      return `${by} named ${list(notice.hubs)} as the relays of the conversation`
    case 'moved':
      return `the conversation goes on at ${notice.hub}, found by ${by}`
    case 'bot-installed':
      return `${by} added the bot ${who(notice.address)}, which reads ${readsText(notice.read)}`
    case 'bot-scope-changed':
      return `${by} let the bot ${who(notice.address)} read ${readsText(notice.read)}`
    case 'bot-removed':
      return `${by} removed the bot ${who(notice.address)}`
  }
}
