import { expect, test } from 'vitest'
import { eventSchema } from '../../src/index.ts'

const created = {
  v: 1,
  type: 'message.created',
  timestamp: '2026-11-21T02:00:00.000Z',
  data: {
    event_id: 'evt_1',
    bot: 'dchat1bot',
    seq: 1,
    conversation: { id: 'c', kind: 'dm' },
    sender: { id: 'dchat1ann', name: 'Ann' },
    message: { id: 'ab', sent_at: '2026-11-21T02:00:00.000Z', kind: 'text', text: '/poll lunch?' },
  },
}

test('an event keeps what this version does not know', () => {
  const event = {
    ...created,
    data: { ...created.data, mood: 'new', sender: { ...created.data.sender, pronouns: 'she' } },
  }
  expect(eventSchema.parse(event)).toEqual(event)
})

test('an event without what its type needs is refused', () => {
  const { message: _, ...data } = created.data
  expect(eventSchema.safeParse({ ...created, data }).success).toBe(false)
})
