import { expect, test } from 'vitest'
import { jsonLog, silentLog } from '../../src/node.ts'

const lines = (level?: 'debug' | 'info' | 'warn') => {
  const written: string[] = []
  const log = jsonLog({ write: (line) => void written.push(line), now: () => 0, ...(level && { level }) })
  log.debug('a')
  log.info('b', { count: 2, done: true })
  log.warn('c', { reason: 'two\nlines' })
  return written
}

test('each event is one line of JSON with its time, level and fields', () => {
  const written = lines('debug')
  for (const line of written) expect(line).toMatch(/^[^\n]*\n$/)
  expect(written.map((line) => JSON.parse(line))).toEqual([
    { time: '1970-01-01T00:00:00.000Z', level: 'debug', event: 'a' },
    { time: '1970-01-01T00:00:00.000Z', level: 'info', event: 'b', count: 2, done: true },
    { time: '1970-01-01T00:00:00.000Z', level: 'warn', event: 'c', reason: 'two\nlines' },
  ])
})

test('levels below the chosen one are left out; the default leaves out debug', () => {
  expect(lines('warn')).toHaveLength(1)
  expect(lines()).toHaveLength(2)
})

test('a field cannot pose as the time, the level or the event', () => {
  const written: string[] = []
  const fields = { event: 'another', level: 'warn', time: 'now' }
  jsonLog({ write: (line) => void written.push(line), now: () => 0 }).info('real', fields)
  expect(JSON.parse(written[0] as string)).toEqual({ time: '1970-01-01T00:00:00.000Z', level: 'info', event: 'real' })
})

test('the silent log takes everything and says nothing', () => {
  for (const level of ['debug', 'info', 'warn'] as const) expect(silentLog[level]('a', { n: 1 })).toBeUndefined()
})
