import { expect, test } from 'vitest'
import { dayOf, durationLabel } from '../../src/renderer/lib/days.ts'

test.each([
  [0, 'Off'],
  [30, '30 seconds'],
  [3_600, '1 hour'],
  [86_400, '1 day'],
  [604_800, '1 week'],
  [90, '90 seconds'],
])('%i seconds are %s', (seconds, label) => {
  expect(durationLabel(seconds)).toBe(label)
})

test('all times of one day have one number, and the next day has another', () => {
  const at = (day: number, hour: number) => dayOf(new Date(2026, 5, day, hour).getTime())
  expect(at(10, 0)).toBe(at(10, 23))
  expect(at(11, 0)).not.toBe(at(10, 23))
})
