import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { env, execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { some } from '../long.ts'
import { run } from './check.ts'
import { buildMutated } from './mutate.ts'
import { MUTATIONS, type Mutation } from './mutations.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
/** The programs stand in the package, so that they find its dependencies. */
const PLACE = join(root, 'node_modules/.mutations')

/** Runs the mutation's schedules in a program of its own; resolves with the promises that each of them broke. */
const mutated = async (mutation: Mutation): Promise<readonly (readonly string[])[]> => {
  mkdirSync(PLACE, { recursive: true })
  const folder = mkdtempSync(join(PLACE, 'program-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const program = await buildMutated(mutation, root, folder)
  const report = join(folder, 'report.json')
  const child = spawn(execPath, [program], {
    cwd: root,
    env: { ...env, SIM_MUTATION: mutation.name, SIM_REPORT: report, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk))
  const code = await new Promise((resolve) => child.on('close', resolve))
  expect(code, Buffer.concat(output).toString()).toBe(0)
  const told = JSON.parse(readFileSync(report, 'utf8')) as { broken: string[][]; mutated: string[] }
  // Where a file went past the plugin, the program is as it always is, and the check proves nothing.
  expect(told.mutated).toEqual([...new Set(mutation.edits.map(({ file }) => file))].sort())
  return told.broken
}

describe.each(MUTATIONS)('$name', (mutation) => {
  test('as it is, every promise holds', async () => {
    for (const schedule of some(mutation.schedules, 1)) expect((await run(schedule)).findings).toEqual([])
  })

  test('switched off, the simulation sees it', async () => {
    for (const broken of await mutated(mutation))
      expect(broken.filter((invariant) => mutation.caughtBy.includes(invariant))).not.toEqual([])
  })
})
