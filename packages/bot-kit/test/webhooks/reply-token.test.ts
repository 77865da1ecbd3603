import { expect, test } from 'vitest'
import { REPLY_TIME, replyTokens } from '../../src/webhooks/reply-token.ts'
import { messageEvent } from '../support/events.ts'

const key = new Uint8Array(32).fill(1)
const { token, expiresAt } = replyTokens(key).issue(messageEvent('a', 1), 1000)

test('a token allows one conversation for fifteen minutes, over restarts', () => {
  const scope = { conversation: { id: 'a', kind: 'dm' }, eventId: 'evt_a1', expiresAt: 1000 + REPLY_TIME }
  expect(expiresAt).toBe(1000 + REPLY_TIME)
  expect(replyTokens(key).read(token, expiresAt - 1)).toEqual(scope)
  expect(replyTokens(key).read(token, expiresAt)).toBeUndefined()
})

test('a token that was changed, or of another bot, allows nothing', () => {
  const bytes = Buffer.from(token.slice(3), 'base64url')
  for (let place = 0; place < bytes.length; place += 1) {
    const other = Buffer.from(bytes)
    other[place] = (other[place] as number) ^ 1
    expect(replyTokens(key).read(`rt_${other.toString('base64url')}`, 1000)).toBeUndefined()
  }
  expect(replyTokens(new Uint8Array(32)).read(token, 1000)).toBeUndefined()
  for (const text of ['', 'rt_', token.slice(3), 'rt_AAAA', `rt_${'A'.repeat(4000)}`])
    expect(replyTokens(key).read(text, 1000)).toBeUndefined()
})
