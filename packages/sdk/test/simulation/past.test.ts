import { expect, test } from 'vitest'
import { failureText } from '../../src/testing/schedule/report.ts'
import { run } from './check.ts'
import { whileADeviceComes } from './scenes.ts'

/** What a device is handed of the past is what everybody else has, though they go on all the time. */
test.each([['while people react, edit and take reactions back', whileADeviceComes('while a device comes')]])(
  'a new device takes the past %s',
  async (_, schedule) => {
    const outcome = await run(schedule)
    expect(outcome.findings.length === 0 ? '' : failureText(schedule, outcome, { replay: 'this test' })).toBe('')
    expect(outcome.done).toBe(schedule.steps.length)
    expect(outcome.trace.filter((line) => line.includes(' refused '))).toEqual([])
  },
)
