import { expect, test } from 'vitest'
import { batches } from '../../src/util/batches.ts'
import { askAhead } from '../../src/util/streams.ts'

const pause = () => new Promise((resolve) => setTimeout(resolve, 5))

const failing = async function* () {
  yield 'one'
  throw new Error('over')
}

// An unhandled rejection fails the run.
test('a step that fails while its asker is busy is heard when it is waited for, and not before', async () => {
  const stream = failing()
  await stream.next()
  const step = askAhead(stream)
  await pause()
  await expect(step).rejects.toThrow('over')
})

test('batches: a source that fails while a batch is looked at fails the next one', async () => {
  const taken: (readonly string[])[] = []
  const read = async () => {
    for await (const batch of batches(failing(), 10)) {
      taken.push(batch)
      await pause()
    }
  }
  await expect(read()).rejects.toThrow('over')
})
