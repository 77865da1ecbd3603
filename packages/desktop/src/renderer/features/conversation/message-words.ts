import type { Address, Content, Message, MessageState, Notice } from '@dchat/sdk'
import { durationLabel } from '../../lib/days.ts'
import { plainText, readMarkdown } from '../../lib/markdown.ts'
import { offerWords } from '../../lib/offer-words.ts'
import { relayName } from '../../lib/relay-name.ts'
import { readWords } from './bot-words.ts'

/** How each state of an own message is called. */
export const STATE_WORDS: Readonly<Record<MessageState, string>> = {
  queued: 'Waiting to be sent',
  sending: 'Waiting to be sent',
  sent: 'Sent',
  delivered: 'Delivered',
  read: 'Read',
  failed: 'Not sent',
}

/** The words of a message on one line. */
export const summaryOf = (content: Content): string => {
  switch (content.type) {
    case 'text':
      return content.text.replace(/\s+/gu, ' ')
    case 'markdown':
      return plainText(readMarkdown(content.markdown))
    case 'unknown':
      return content.fallback
    case 'offer':
      return offerWords(content.summary)
    case 'deleted':
      return 'Message deleted'
    case 'notice':
      return ''
  }
}

/** What is copied: the words as they were written. */
export const wordsOf = ({ content }: Message): string =>
  content.type === 'markdown' ? content.markdown : summaryOf(content)

/** Why a message was not sent, for people. */
export const failureWords = (code: string | undefined): string => {
  if (code === undefined) return 'It was not sent.'
  return FAILURES[code] ?? 'It was not sent.'
}

const FAILURES: Readonly<Record<string, string>> = {
  'identity/unknown-peer': 'Nobody has this address at the relays that were asked. Ask for an invite link.',
  'conversation/not-member': 'You are no longer in this conversation.',
  'conversation/blocked': 'You blocked this person.',
  'protocol/too-large': 'It is too long.',
  'identity/device-revoked': 'This device was signed out.',
}

type Named = (address: Address) => string

const list = (people: readonly Address[], named: Named): string =>
  new Intl.ListFormat('en', { type: 'conjunction' }).format(people.map(named).map(inSentence))

/** "You" begins a sentence, "you" stands in one. */
const inSentence = (name: string): string => (name === 'You' ? 'you' : name)

const ROLES = { owner: 'an owner', admin: 'an admin', member: 'a member' } as const

/** What happened to the conversation, as a sentence. */
export const noticeWords = (notice: Notice, named: Named): string => {
  const by = named(notice.by)
  switch (notice.kind) {
    case 'created':
      return `${by} made this group`
    case 'added':
      return `${by} added ${list(notice.people, named)}`
    case 'removed':
      return `${by} removed ${list(notice.people, named)}`
    case 'left':
      return `${by} left`
    case 'renamed':
      return `${by} named the group “${notice.name}”`
    case 'picture':
      return `${by} changed the picture`
    case 'role':
      return `${by} made ${inSentence(named(notice.address))} ${ROLES[notice.role]}`
    case 'timer':
      return notice.seconds === 0
        ? `${by} lets messages stay`
        : `${by} lets messages disappear after ${durationLabel(notice.seconds)}`
    case 'pinned':
      return `${by} pinned a message`
    case 'unpinned':
      return `${by} unpinned a message`
    case 'repaired':
      return notice.approval === undefined
        ? 'The conversation was repaired'
        : `The conversation was repaired. For now changes need the approval of ${notice.approval}`
    case 'approval-lifted':
      return `${by} lets changes be made without approval again`
    case 'hubs':
      return `${by} chose the relays of the conversation: ${notice.hubs.map(relayName).join(', ')}`
    case 'moved':
      return `The conversation is kept at ${relayName(notice.hub)} from here on`
    case 'bot-installed':
      return `${by} added the bot ${named(notice.address)}: it reads ${readWords(notice)}`
    case 'bot-scope-changed':
      return `${by} changed what the bot ${named(notice.address)} reads: ${readWords(notice)}`
    case 'bot-removed':
      return `${by} removed the bot ${named(notice.address)}`
  }
}
