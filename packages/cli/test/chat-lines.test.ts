import type { Conversation, ConversationId } from '@dchat/sdk'
import { expect, test } from 'vitest'
import { chatFields, chatLine } from '../src/io/chat-lines.ts'
import { style } from '../src/io/text.ts'
import { chatView } from '../src/methods/views.ts'

const conversation: Conversation = {
  id: 'c1' as ConversationId,
  kind: 'group',
  title: 'Harvest',
  state: 'open',
  unread: 2,
  createdAt: 1,
}

test('a chat’s line says what its person keeps of it: pinned, put away, and words that were not sent', () => {
  const view = chatView({
    ...conversation,
    pinned: true,
    archived: true,
    notify: { level: 'none', until: 0 },
    draft: { text: 'half\na sen' },
  })
  expect(chatFields(view)).toMatchObject({
    pinned: true,
    archived: true,
    notify: { level: 'none', until: '1970-01-01T00:00:00.000Z' },
    draft: 'half\na sen',
  })
  const [, , text] = chatLine(view, style(false))
  expect(text.split('\t')).toEqual([
    'Harvest',
    '[group]',
    '[pinned]',
    '[archived]',
    '[muted]',
    '(2 unread)',
    'draft: half a sen',
  ])
})

test('nothing of it is said where there is nothing', () => {
  const view = chatView(conversation)
  expect(Object.keys(view)).toEqual(['id', 'kind', 'title', 'state', 'unread'])
  expect(chatLine(view, style(false))[2]).toBe('Harvest\t[group]\t(2 unread)')
})
