import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { sqliteStorage } from '../../src/adapters/storage/sqlite.ts'
import { buildChild } from './child.ts'
import { freshPath } from './temp.ts'

const ROUNDS = 6

/** Runs the writer until it has said `wanted` numbers, kills it with -9, and returns the last number that was said. */
const writeAndKill = async (script: string, file: string, from: number, wanted: number): Promise<number> => {
  const child = spawn(process.execPath, [script, file, String(from)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
    if (said.split('\n').length > wanted) child.kill('SIGKILL')
  })
  await once(child, 'close')
  const whole = said.slice(0, said.lastIndexOf('\n')).split('\n')
  return Number(whole.at(-1))
}

test('kill -9 during writes loses nothing that had resolved, and leaves no half of a write', async () => {
  const script = await buildChild('writer-child')
  const file = freshPath('dchat.db')
  let next = 0
  for (let round = 0; round < ROUNDS; round++) {
    const said = await writeAndKill(script, file, next, 5 + round * 7)
    expect(said).toBeGreaterThan(next)
    const storage = sqliteStorage(file)
    await storage.read(async (tx) => {
      const last = Number(new TextDecoder().decode((await tx.get('meta', 'last'))?.value))
      expect(last).toBeGreaterThanOrEqual(said)
      const rows = await tx.page('messages', { scope: 'all', limit: 100_000 })
      expect(rows.map((row) => row.position)).toEqual(Array.from({ length: last + 1 }, (_, i) => i))
      expect(
        rows.every(({ value, position }) => value.length === 300 && value[299] === ((position as number) & 255)),
      ).toBe(true)
      next = last + 1
    })
    await storage.close()
  }
})
