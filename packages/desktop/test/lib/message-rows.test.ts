import type { Message } from '@dchat/sdk'
import { expect, test } from 'vitest'
import { keyOf, messageRows } from '../../src/renderer/lib/message-rows.ts'

const NOON = new Date(2026, 5, 10, 12).getTime()
const MINUTE = 60_000

const message = (id: string, from: string, at: number, over: object = {}): Message =>
  ({ id, from, at, own: false, state: 'delivered', content: { type: 'text', text: id }, ...over }) as unknown as Message

const shape = (messages: readonly Message[], unreadFrom?: string) =>
  messageRows(messages, unreadFrom).map((row) => {
    if (row.kind !== 'message') return row.kind
    return `${row.message.id}${row.opens ? ' opens' : ''}${row.closes ? ' closes' : ''}`
  })

test('messages of one person within five minutes form a group', () => {
  const rows = shape([
    message('1', 'ann', NOON),
    message('2', 'ann', NOON + 5 * MINUTE),
    message('3', 'ann', NOON + 10 * MINUTE + 1),
    message('4', 'bob', NOON + 11 * MINUTE),
  ])
  expect(rows).toEqual(['day', '1 opens', '2 closes', '3 opens closes', '4 opens closes'])
})

test('a day, a notice, an offer and the line above the unread ones end a group', () => {
  const nine = new Date(2026, 5, 10, 23, 58).getTime()
  const rows = shape(
    [
      message('1', 'ann', nine),
      message('2', 'ann', nine + 3 * MINUTE),
      message('3', 'ann', nine + 4 * MINUTE),
      message('n', 'ann', nine + 4 * MINUTE, { content: { type: 'notice' } }),
      message('4', 'ann', nine + 5 * MINUTE),
      message('o', 'ann', nine + 5 * MINUTE, { content: { type: 'offer' } }),
    ],
    '3',
  )
  expect(rows).toEqual([
    'day',
    '1 opens closes',
    'day',
    '2 opens closes',
    'unread',
    '3 opens closes',
    'notice',
    '4 opens closes',
    'o opens closes',
  ])
})

test('keys are unique, and an own message has the one of its first moment', () => {
  const messages = [
    message('1', 'ann', NOON, { clientId: 'mine' }),
    message('2', 'ann', NOON - 24 * 60 * MINUTE),
    message('3', 'ann', NOON),
  ]
  const keys = messageRows(messages, '3').map(({ key }) => key)
  expect(new Set(keys).size).toBe(keys.length)
  expect(keyOf(messages[0] as Message)).toBe('mine')
})
