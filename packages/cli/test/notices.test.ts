import { type Address, type MessageId, type Notice, parseRelayUrl } from '@dchat/sdk'
import { expect, test } from 'vitest'
import { noticeText } from '../src/methods/notices.ts'

const by = 'alice' as Address
const bob = 'bob' as Address
const you = 'you' as Address
const message = 'm1' as MessageId

const SENTENCES: readonly (readonly [Notice, string])[] = [
  [{ kind: 'created', by }, 'alice created the group'],
  [{ kind: 'added', by, people: [bob] }, 'alice added bob'],
  [{ kind: 'added', by, people: [bob, you, by] }, 'alice added bob, you and alice'],
  [{ kind: 'removed', by: you, people: [bob, by] }, 'you removed bob and alice'],
  [{ kind: 'left', by: bob }, 'bob left'],
  [{ kind: 'renamed', by, name: 'Trip' }, 'alice named the group "Trip"'],
  [{ kind: 'picture', by }, 'alice changed the picture'],
  [{ kind: 'role', by, address: bob, role: 'admin' }, 'alice made bob an admin'],
  [{ kind: 'role', by, address: you, role: 'member' }, 'alice made you a member'],
  [{ kind: 'timer', by, seconds: 604_800 }, 'alice let messages disappear after 1 week'],
  [{ kind: 'timer', by, seconds: 0 }, 'alice turned disappearing messages off'],
  [{ kind: 'pinned', by, message }, 'alice pinned a message'],
  [{ kind: 'unpinned', by, message }, 'alice took a pin off'],
  [
    { kind: 'hubs', by, hubs: ['wss://a.example', 'wss://b.example'].map(parseRelayUrl) },
    'alice named wss://a.example and wss://b.example as the relays of the conversation',
  ],
  [
    { kind: 'moved', by, hub: parseRelayUrl('wss://b.example') },
    'the conversation goes on at wss://b.example, found by alice',
  ],
  [{ kind: 'repaired', by }, 'alice left a change behind that broke the rules'],
  [{ kind: 'repaired', by, removed: bob }, 'alice left a change behind that broke the rules, and bob, who made it'],
  [
    { kind: 'repaired', by, approval: 'admins' },
    'alice left a change behind that broke the rules; for now changes need the approval of admins',
  ],
  [{ kind: 'approval-lifted', by }, 'alice lets changes be made without approval again'],
  [
    { kind: 'bot-installed', by, address: bob, read: ['commands', 'mentions'] },
    'alice added the bot bob, which reads commands, mentions',
  ],
  [{ kind: 'bot-scope-changed', by, address: bob, read: 'all' }, 'alice let the bot bob read all messages'],
  [{ kind: 'bot-removed', by, address: bob }, 'alice removed the bot bob'],
]

test.each(SENTENCES)('%o', (notice, sentence) => {
  expect(noticeText(notice, (address) => address)).toBe(sentence)
})
