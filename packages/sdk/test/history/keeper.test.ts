import { expect, test } from 'vitest'
import { systemClock } from '../../src/adapters/clock/system-clock.ts'
import { memoryStorage } from '../../src/adapters/storage/memory.ts'
import type { Core } from '../../src/client/core.ts'
import { keepHistory } from '../../src/client/history/keeper.ts'

test('the keeper of the history ends with the store, though nobody closed the client', async () => {
  const storage = memoryStorage()
  const closing = new AbortController()
  const log = { info: () => undefined }
  const core = { store: storage, clock: systemClock(), signal: closing.signal, log } as unknown as Core
  const kept = keepHistory(core)
  await storage.close()
  // One that goes on without a pause lets no timer come.
  await new Promise((resolve) => setTimeout(resolve, 0))
  await expect(kept).resolves.toBeUndefined()
})
