import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../lib/run.mjs'

/** Schedules of one process: what they leave in memory goes with it. */
const CHUNK = 50
const CONFIG = 'test/simulation/soak.config.ts'

/**
 * Runs random schedules of simulated worlds on all cores.
 * @param {{ from: number, count: number, shrink: number, mode?: string, say: (line: string) => void }} options `shrink`: seconds
 *   for making a failing one smaller; `mode`: all of one kind
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export const runSchedules = async ({ from, count, shrink, mode, say }) => {
  const folder = mkdtempSync(join(tmpdir(), 'dchat-soak-'))
  const started = Date.now()
  const sum = { passed: 0, failed: 0, entries: 0, failing: [] }
  let next = from
  const end = from + count
  const work = async () => {
    while (next < end) {
      const first = next
      next = Math.min(first + CHUNK, end)
      await runChunk({ first, last: next - 1, shrink, mode, file: join(folder, `${first}.jsonl`), onLine })
    }
  }
  const onLine = (line) => {
    sum.entries += line.entries ?? 0
    if (line.failure === undefined) sum.passed += 1
    else {
      sum.failed += 1
      sum.failing.push(line.seed)
      say(line.failure)
    }
    const done = sum.passed + sum.failed
    if (done % 25 === 0 || done === count) say(progress(done, count, sum, started))
  }
  try {
    await Promise.all(Array.from({ length: Math.min(availableParallelism(), Math.ceil(count / CHUNK)) }, work))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  if (sum.failing.length > 0) say(`failing seeds: ${sum.failing.sort((a, b) => a - b).join(', ')}`)
  return { passed: sum.passed, failed: sum.failed }
}

const progress = (done, count, { failed, entries }, started) => {
  const seconds = (Date.now() - started) / 1000
  const left = Math.round((seconds / done) * (count - done))
  return `schedules: ${done} of ${count}, ${failed} failed, ${entries} entries, ${seconds.toFixed(0)} s, about ${left} s to go`
}

/** One process; its lines are taken as they come. A process that dies fails the seed that it was at. */
const runChunk = async ({ first, last, shrink, mode, file, onLine }) => {
  const env = { SIM_FROM: `${first}`, SIM_TO: `${last}`, SIM_REPORT: file, SIM_SHRINK: `${shrink}`, NO_COLOR: '1' }
  if (mode !== undefined) env.SIM_MODE = mode
  const child = spawn('pnpm', ['exec', 'vitest', 'run', '--root', 'packages/sdk', '--config', CONFIG], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  })
  const output = []
  child.stdout.on('data', (chunk) => output.push(chunk))
  child.stderr.on('data', (chunk) => output.push(chunk))
  let taken = 0
  const take = () => {
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []
    for (const line of lines.slice(taken)) onLine(JSON.parse(line))
    taken = lines.length
  }
  const timer = setInterval(take, 1_000)
  const code = await new Promise((resolve) => {
    child.on('error', () => resolve(127))
    child.on('close', resolve)
  })
  clearInterval(timer)
  take()
  const missing = last - first + 1 - taken
  if (missing === 0) return
  const text = `seeds from ${first + taken} on: the process ended with ${code}\n${Buffer.concat(output).toString().slice(-4_000)}`
  onLine({ seed: first + taken, failure: text })
  if (missing > 1) await runChunk({ first: first + taken + 1, last, shrink, mode, file: `${file}.${taken}`, onLine })
}
