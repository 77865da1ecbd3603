import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { faultsOf, slopeOf } from '../scripts/soak/check.mjs'
import { root } from './lib/tree.ts'

const entry = (seq: number, message = seq) => ({ seq, message, hash: `h${message}` })
const receipts = (...entries: readonly ReturnType<typeof entry>[]) =>
  new Map(entries.map(({ seq, message, hash }) => [message, { seq, hash }]))

describe('what the soak under load looks for', () => {
  const whole = [entry(1), entry(2), entry(3)]

  test.each([
    ['a whole log', whole, receipts(...whole), []],
    ['a lost message', [entry(1), entry(2)], receipts(...whole), ['message 3 was acknowledged at 3 and is not there']],
    [
      'a gap',
      [entry(1), entry(3, 2)],
      receipts(entry(1), entry(3, 2)),
      ['a gap before place 3', '1 messages were never acknowledged'],
    ],
    [
      'an entry of another content',
      [entry(1), { ...entry(2), hash: 'x' }, entry(3)],
      receipts(...whole),
      ['message 2 was acknowledged at 2 and is not there'],
    ],
    [
      'a doubled message',
      [...whole, entry(4, 3)],
      receipts(entry(1), entry(2), entry(4, 3)),
      ['message 3 stands where 4 belongs', '1 messages stand there twice'],
    ],
    [
      'two in the wrong order',
      [entry(1), entry(2, 3), entry(3, 2)],
      receipts(entry(1), entry(2, 3), entry(3, 2)),
      ['message 3 stands where 2 belongs'],
    ],
  ])('%s', (_, entries, acknowledged, faults) => {
    expect(faultsOf(entries, acknowledged, 3)).toEqual(faults)
  })

  test('the slope of memory is that of least squares', () => {
    expect(slopeOf([0, 1, 2, 3].map((x) => [x, 5 + 2 * x] as const))).toBeCloseTo(2)
    expect(slopeOf([[0, 1] as const, [1, 3] as const, [2, 1] as const])).toBeCloseTo(0)
    expect(slopeOf([[1, 7] as const])).toBe(0)
  })
})

test.skipIf(process.platform !== 'linux')(
  'a relay that is killed and stopped under load loses nothing that it acknowledged',
  async () => {
    const args = ['--built', '--only', 'load', '--connections', '40', '--rate', '200', '--seconds', '5']
    const { stdout } = await promisify(execFile)(process.execPath, ['scripts/soak.mjs', ...args], { cwd: root })
    expect(stdout).toContain('1000 entries read back')
    expect(stdout.match(/the relay is back/g)).toHaveLength(3)
    expect(stdout).toContain('1 passed, 0 failed')
  },
)
