import { expect, test } from 'vitest'
import { batches } from '../../src/util/batches.ts'

test('what came before a failure is handed out before it', async () => {
  async function* source() {
    yield 1
    yield 2
    throw new Error('broken')
  }
  const seen: number[] = []
  const reading = (async () => {
    for await (const batch of batches(source(), 8)) seen.push(...batch)
  })()
  await expect(reading).rejects.toThrow('broken')
  expect(seen).toEqual([1, 2])
})
