import { expect, test } from 'vitest'
import { leavesFor, mayPass } from '../../src/domain/rooms/leaving.ts'
import { ERRORS, type ErrorCode, isRelayFault } from '../../src/errors.ts'

const AT_ONCE = ['relay/equivocation', 'relay/time-backwards']
const IF_IT_STAYS = [
  'relay/missing-entry',
  'relay/changed-entry',
  'relay/bad-receipt',
  'relay/withheld',
  'identity/untrusted-key',
]
const NEVER = ['relay/repeated-entry', 'relay/stale-identity-log', 'relay/false-key-package', 'transport/unreachable']

test.each(AT_ONCE)('%s drives a conversation from its hub at once, and for good', (code) => {
  expect(leavesFor(code as ErrorCode, 1)).toBe(true)
  expect(mayPass(code as ErrorCode)).toBe(false)
})
test.each(IF_IT_STAYS)('%s does at the third time in a row, unless it passes', (code) => {
  expect([1, 2, 3, 4].map((times) => leavesFor(code as ErrorCode, times))).toEqual([false, false, true, true])
  expect(mayPass(code as ErrorCode)).toBe(true)
})
test.each(NEVER)('%s never does', (code) => expect(leavesFor(code as ErrorCode, 1_000)).toBe(false))
test('of everything that a relay can be caught at it is decided', () => {
  const codes = (Object.keys(ERRORS) as ErrorCode[]).filter((code) => isRelayFault({ code } as never))
  expect([...AT_ONCE, ...IF_IT_STAYS, ...NEVER]).toEqual(expect.arrayContaining(codes))
})
