import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BuildOptions, build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'

/** Kills; the soak sets more. */
const KILLS = Number(process.env.BOT_KILLS ?? 10)
const SEED = Number(process.env.BOT_SEED ?? 7)
const EVENTS = 12 * KILLS

const folder = mkdtempSync(join(tmpdir(), 'dchat-killed-'))
const child = join(import.meta.dirname, `../../node_modules/.dchat-killed-${process.pid}.mjs`)
beforeAll(async () => {
  const entryPoints = [join(import.meta.dirname, 'killed-child.ts')]
  const options = {
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['dchat-source'],
  } satisfies BuildOptions
  await build({ ...options, conditions: ['dchat-source'], entryPoints, outfile: child, external: ['libsql'] })
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
  rmSync(child, { force: true })
})

const run = (steps: number) => {
  const { signal, status, stderr } = spawnSync(process.execPath, [child, folder, `${EVENTS}`, `${steps}`], {
    encoding: 'utf8',
    timeout: 60_000,
  })
  return { signal, status, stderr }
}

test(`killed ${KILLS} times at any step, the gateway loses and reorders nothing`, { timeout: 600_000 }, () => {
  let seed = SEED
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
    return 1 + Math.floor((seed / 2 ** 31) * below)
  }
  for (let kill = 0; kill < KILLS; kill += 1) expect(run(random(60))).toMatchObject({ signal: 'SIGKILL' })
  expect(run(0)).toEqual({ signal: null, status: 0, stderr: '' })

  const handled = readFileSync(join(folder, 'handled'), 'utf8').trim().split('\n')
  const numbers = handled.map((line) => line.split(' ') as [string, string])
  expect(new Set(handled).size).toBe(EVENTS)
  for (const conversation of new Set(numbers.map(([id]) => id))) {
    const own = numbers.filter(([id]) => id === conversation).map(([, index]) => Number(index))
    expect(own).toEqual(own.toSorted((a, b) => a - b))
  }
})
