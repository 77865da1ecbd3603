import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env, execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { run } from './check.ts'
import { MUTATIONS, type Mutation } from './mutations.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const vitest = fileURLToPath(new URL('../vitest.mjs', import.meta.resolve('vitest/node')))

/** Runs the mutation's schedules in a program of its own; resolves with the promises that each of them broke. */
const mutated = async ({ name }: Mutation): Promise<readonly (readonly string[])[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'dchat-mutation-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const report = join(folder, 'report.json')
  const args = [vitest, 'run', '--root', root, '--config', join(root, 'test/simulation/mutated.config.ts')]
  const child = spawn(execPath, args, {
    cwd: root,
    env: { ...env, SIM_MUTATION: name, SIM_REPORT: report, NO_COLOR: '1', VITEST: undefined, NODE_ENV: undefined },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk))
  const code = await new Promise((resolve) => child.on('close', resolve))
  expect(code, Buffer.concat(output).toString()).toBe(0)
  return JSON.parse(readFileSync(report, 'utf8')) as string[][]
}

describe.each(MUTATIONS)('$name', (mutation) => {
  test('as it is, every promise holds', async () => {
    for (const schedule of mutation.schedules) expect((await run(schedule)).findings).toEqual([])
  })

  test('switched off, the simulation sees it', async () => {
    for (const broken of await mutated(mutation))
      expect(broken.filter((invariant) => mutation.caughtBy.includes(invariant))).not.toEqual([])
  }, 120_000)
})
