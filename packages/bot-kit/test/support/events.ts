import type { EventOf } from '../../src/events/event.ts'

/** A message event: number `index` of its conversation. */
export const messageEvent = (conversation: string, index: number, text = `${conversation} ${index}`) =>
  ({
    v: 1,
    type: 'message.created',
    timestamp: '2026-11-21T02:00:00.000Z',
    data: {
      event_id: `evt_${conversation}${index}`,
      bot: 'dchat1bot',
      seq: index,
      conversation: { id: conversation, kind: 'dm' },
      sender: { id: 'dchat1ann', name: 'Ann' },
      message: { id: 'ab'.repeat(32), sent_at: '2026-11-21T02:00:00.000Z', kind: 'text', text },
    },
  }) satisfies EventOf<'message.created'>
