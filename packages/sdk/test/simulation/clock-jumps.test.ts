import { expect, test } from 'vitest'
import { failureText } from '../../src/testing/schedule/report.ts'
import { run } from './check.ts'
import { type Line, scene } from './scenes.ts'

const HOUR = 3_600_000

/** A commit ends the topic, or leaves everybody behind, and then clocks are set wrong, and set again half way back. */
const jumpScene = (act: string, who: readonly string[], jump: number) => {
  const setAll = (error: number) => who.map((name): Line => [{ do: 'clock', device: `${name}/1`, error }, 5_000])
  const lines: readonly Line[] = [
    [{ do: 'group', by: 'ann/1', chat: 'g1', people: ['ben', 'cid', 'dee'] }, 4_000],
    [{ do: 'accept', by: 'ben/1', chat: 'g1' }, 300],
    [{ do: 'accept', by: 'cid/1', chat: 'g1' }, 300],
    [{ do: 'accept', by: 'dee/1', chat: 'g1' }, 2_000],
    [{ do: 'attack', by: 'dee/1', chat: 'g1', act }, 3_000],
    ...setAll(jump),
    [{ do: 'send', by: 'cid/1', chat: 'g1', count: 2 }, 40_000],
    ...setAll(jump / 2),
    [{ do: 'rename', by: 'ann/1', chat: 'g1', name: 'x' }, 400_000],
    [{ do: 'send', by: 'ben/1', chat: 'g1', count: 2 }, 4_000],
  ]
  return scene(`${act} ${jump} ${who.join()}`, ['ann', 'ben', 'cid', 'dee'], lines, ['dee'])
}

/** Sooner or later everybody is in the same place, whatever their clocks did while the group was being repaired. */
test.each([
  ['evil path keys', 'back by hours at one of them', ['ann'], -3 * HOUR],
  ['evil path keys', 'on by hours at one of them', ['ann'], 3 * HOUR],
  ['garbage commit', 'back by a year at everybody', ['ann', 'ben', 'cid'], -365 * 24 * HOUR],
])('a group heals after %s though the clock goes %s', async (act, _, who, jump) => {
  const schedule = jumpScene(act, who, jump)
  const outcome = await run(schedule)
  expect(outcome.findings.length === 0 ? '' : failureText(schedule, outcome, { replay: 'this test' })).toBe('')
})
