import { expect, test } from 'vitest'
import { forkPoint, type IdentityLog, mergeLogs } from '../../src/protocol/identity/log.ts'
import { toHex } from '../../src/util/bytes.ts'
import { addDevice, genesisLog, grow, owner, revokeDevice, setRelays } from './histories.ts'

const alice = owner('alice')
const base = grow(genesisLog(alice), alice, addDevice('phone'))
const longer = grow(base, alice, addDevice('laptop'))
const rootBranch = grow(base, alice, addDevice('thief'), setRelays('wss://evil.example'))
const otherRootBranch = grow(base, alice, setRelays('wss://relay.example'))
const recoveryBranch = grow(base, alice, { body: revokeDevice('phone'), by: 'recovery' })
const otherRecoveryBranch = grow(base, alice, { body: setRelays('wss://relay.example'), by: 'recovery' })
/** A recovery signature that comes after the first differing entry decides nothing. */
const lateRecovery = grow(otherRootBranch, alice, { body: revokeDevice('phone'), by: 'recovery' })

const table: readonly [string, IdentityLog | undefined, readonly IdentityLog[], string, IdentityLog | undefined][] = [
  ['nothing known', undefined, [base], 'extended', base],
  ['nothing known, several lengths', undefined, [base, longer, base], 'extended', longer],
  ['nothing new', base, [base], 'same', base],
  ['nobody answered', base, [], 'same', base],
  ['one equal, one older', longer, [longer, base], 'same', longer],
  ['only older ones', longer, [base], 'older', longer],
  ['a longer one', base, [longer], 'extended', longer],
  ['an older and a longer one', base, [genesisLog(alice), longer], 'extended', longer],
  ['root against root', longer, [rootBranch], 'frozen', undefined],
  ['the known branch was not signed by recovery', longer, [recoveryBranch], 'settled', recoveryBranch],
  ['the known branch was', recoveryBranch, [rootBranch], 'settled', recoveryBranch],
  [
    'two root branches and a recovery branch',
    longer,
    [rootBranch, otherRootBranch, recoveryBranch],
    'settled',
    recoveryBranch,
  ],
  ['recovery against recovery', recoveryBranch, [otherRecoveryBranch], 'frozen', undefined],
  ['recovery too late', rootBranch, [lateRecovery], 'frozen', undefined],
  ['a fork among candidates alone', base, [longer, rootBranch], 'frozen', undefined],
  ['a fork among candidates, settled', base, [longer, recoveryBranch], 'settled', recoveryBranch],
]

test.each(table)('fork rule: %s', (_, known, candidates, kind, log) => {
  for (const order of [candidates, candidates.toReversed()]) {
    const merged = mergeLogs(known, order)
    expect(merged.kind).toBe(kind)
    if (merged.kind !== 'frozen') expect(toHex(merged.log.head)).toBe(toHex((log as IdentityLog).head))
  }
})

test('a frozen identity shows every branch, each at its longest', () => {
  const merged = mergeLogs(longer, [rootBranch, base, otherRootBranch])
  expect(merged.kind === 'frozen' && merged.branches.map((branch) => toHex(branch.head)).sort()).toEqual(
    [longer, rootBranch, otherRootBranch].map((branch) => toHex(branch.head)).sort(),
  )
})

test('an owner settles a fork by a recovery entry at the place where the branches part', () => {
  const place = forkPoint(longer, rootBranch) as number
  expect(place).toBe(2)
  const settled = grow(base, alice, { body: setRelays('wss://relay.example'), by: 'recovery' })
  expect(mergeLogs(longer, [rootBranch, settled])).toEqual({ kind: 'settled', log: settled })
  expect(forkPoint(base, longer)).toBeUndefined()
})

test('logs of two people are never merged', () => {
  const bob = genesisLog(owner('bob'))
  expect(() => mergeLogs(base, [bob])).toThrow(expect.objectContaining({ code: 'identity/bad-log' }))
  expect(() => mergeLogs(undefined, [])).toThrow(expect.objectContaining({ code: 'identity/bad-log' }))
})
