import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { PeerMissing, runSuite } from '../scripts/bench/runner.mjs'
import { summarise } from '../scripts/bench/stats.mjs'
import { suiteTable } from '../scripts/bench/table.mjs'
import { root } from './lib/tree.ts'

interface Report {
  format: number
  size: string
  machine: object
  suites: {
    name: string
    unit: string
    rows: { name: string; runs: number; min: number; median: number; p95: number; bytes?: number }[]
    aims: { of: string; value: number; atMost?: number; met?: boolean }[]
    skipped: { peer: string; why: string }[]
  }[]
}

/** The benchmarks in a process of their own, with tiny groups, and nothing from outside. */
const bench = async (...args: string[]) => {
  const command = ['scripts/bench.mjs', '--quick', '--no-peers', '--built', ...args]
  return (await promisify(execFile)(process.execPath, command, { cwd: root })).stdout
}

/** What is measured in a browser, where there is one, and in processes of their own, where Linux tells what they cost. */
const ELSEWHERE: ReadonlySet<string> = new Set(['Dexie', '2,000 conversations', '50 conversations', 'dchat'])

describe('npm run bench', () => {
  test('runs every suite once and tells what it measured as JSON', async () => {
    const report = JSON.parse(await bench('--json')) as Report
    expect(report).toMatchObject({ format: 1, size: 'quick', machine: { node: process.version } })
    expect(report.suites.map(({ name }) => name)).toEqual([
      'messages',
      'group',
      'storage',
      'search',
      'offers',
      'history',
      'bots',
      'delivery',
      'connections',
      'log',
      'send',
      'app',
    ])
    for (const { unit, rows, skipped } of report.suites) {
      // Only these may be missing.
      expect({ unit, skipped: skipped.filter(({ peer }) => !ELSEWHERE.has(peer)) }).toEqual({
        unit: 'ms',
        skipped: [],
      })
      expect(rows.length).toBeGreaterThan(skipped.length === 0 ? 3 : -1)
      expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length)
      for (const { name, runs, min, median, p95, bytes = 1 } of rows) {
        // A share of frames may be none, two frames may have one time, and memory may be given back.
        expect([ELSEWHERE.has(name.split(':')[0] ?? '') || min > 0, median >= min, p95 >= median]).toEqual([
          true,
          true,
          true,
        ])
        expect([runs, bytes].every((count) => Number.isInteger(count) && count > 0)).toBe(true)
      }
    }
    expect(report.suites[0]?.aims[0]).toMatchObject({ of: 'encrypt + decrypt, group of 2', atMost: 0.2 })
  })

  test('prints a table of one suite', async () => {
    const text = await bench('--only', 'messages')
    expect(text).toMatch(/^\| encrypt \+ decrypt, group of 2 +\| +[\d.]+ \| +[\d.]+ \| +[\d.]+ \| +5 \| +\d+ \|$/m)
    expect(text).not.toContain('grows')
  })
})

describe('the runner', () => {
  /** A suite whose cases write down their turns. */
  const suiteOf = (turns: string[]) => ({
    name: 'x',
    title: 'X',
    unit: 'ms' as const,
    rounds: 2,
    peers: [
      { name: 'theirs', open: async () => [{ name: 'b', runs: 2, warmup: 0, run: () => void turns.push('b') }] },
      {
        name: 'absent',
        open: async () => {
          throw new PeerMissing('no network')
        },
      },
    ],
    setup: async () => [{ name: 'a', runs: 3, warmup: 1, run: () => void turns.push('a'), bytes: () => 7 }],
    aims: [
      { of: 'a', atMost: 1e9 },
      { of: 'a', over: 'b' },
      { of: 'a', over: 'nothing' },
    ],
  })

  test('lets cases take turns, counts no warm-up, and goes on without a peer that is not to be had', async () => {
    const turns: string[] = []
    const result = await runSuite(suiteOf(turns), { size: 'quick', peers: true })
    expect(turns.join('')).toBe('aaabab')
    expect(result.rows).toMatchObject([
      { name: 'a', runs: 3, bytes: 7 },
      { name: 'b', runs: 2, peer: 'theirs' },
    ])
    expect(result.skipped).toEqual([{ peer: 'absent', why: 'no network' }])
    expect(result.aims).toMatchObject([
      { of: 'a', met: true },
      { of: 'a', over: 'b' },
    ])
    expect(suiteTable(result)).toContain('absent: skipped, no network')
  })

  test('measures nobody else when it is told so', async () => {
    const turns: string[] = []
    expect(await runSuite(suiteOf(turns), { size: 'quick', peers: false })).toMatchObject({ skipped: [], rows: [{}] })
    expect(turns).not.toContain('b')
  })

  test('a run may measure many times, and an aim may be a least', async () => {
    const { peers: _, ...rest } = suiteOf([])
    const many = { name: 'd', runs: 2, warmup: 0, samples: async (index: number) => [index + 1, index + 1, 9] }
    const aims = [
      { of: 'd', atLeast: 2 },
      { of: 'd', atLeast: 4 },
    ]
    const result = await runSuite({ ...rest, aims, setup: async () => [many] }, { size: 'quick', peers: false })
    expect(result.rows).toMatchObject([{ name: 'd', runs: 6, min: 1, median: 2, p95: 9 }])
    expect(result.aims).toMatchObject([{ met: true }, { met: false }])
    expect(suiteTable(result)).toMatch(/at least 4 \| missed by 50/)
  })

  test('a part of ours is measured beside nobody too, takes its own time, and is closed', async () => {
    const turns: string[] = []
    const cases = [{ name: 'c', runs: 2, warmup: 0, per: 2, measured: async (index: number) => 4 + index }]
    const part = { name: 'a browser', open: async () => cases, close: async () => void turns.push('closed') }
    const { peers: _, ...rest } = suiteOf(turns)
    const result = await runSuite({ ...rest, parts: [part] }, { size: 'quick', peers: false })
    expect(result.rows[1]).toMatchObject({ name: 'c', runs: 2, min: 2, p95: 2.5 })
    expect(turns.at(-1)).toBe('closed')
    const broken = { ...rest, parts: [{ ...part, open: () => Promise.reject(new Error('broken')) }] }
    await expect(runSuite(broken, { size: 'quick', peers: false })).rejects.toThrow('broken')
    expect(turns.filter((turn) => turn === 'closed')).toHaveLength(2)
  })

  test('an error of a peer that is there is an error', async () => {
    const broken = { ...suiteOf([]), peers: [{ name: 'x', open: () => Promise.reject(new Error('broken')) }] }
    await expect(runSuite(broken, { size: 'quick', peers: true })).rejects.toThrow('broken')
  })

  test('the median is the middle, and one sample in twenty may lie above p95', () => {
    const samples = Array.from({ length: 100 }, (_, index) => 100 - index)
    expect(summarise(samples)).toEqual({ runs: 100, min: 1, median: 50, p95: 95 })
    expect(summarise([3])).toEqual({ runs: 1, min: 3, median: 3, p95: 3 })
  })
})
