import { expect, test } from 'vitest'
import { createCommitter } from '../../src/commit/committer.ts'
import type { Job } from '../../src/commit/job.ts'
import { createMetrics } from '../../src/metrics.ts'
import { nextTurn } from '../../src/platform.ts'
import { memoryStore } from '../../src/store/memory.ts'
import type { Write } from '../../src/store/store.ts'
import { testClock, testCrypto } from '../support/crypto.ts'

const MIB = 1024 * 1024

/** A committer over a store that tells how many writes each of its commits had. */
const counted = () => {
  const store = memoryStore()
  const commits: number[] = []
  const committer = createCommitter({
    store: {
      ...store,
      commit: (writes) => {
        commits.push(writes.length)
        return store.commit(writes)
      },
    },
    clock: testClock(),
    metrics: createMetrics(),
    nextTurn,
    relayKey: testCrypto.random(32),
    sign: async () => testCrypto.random(64),
    deliver: () => undefined,
  })
  return { commits, committer }
}

const write: Write = { type: 'inbox.ack', device: testCrypto.random(32), seq: 0, time: 0 }
const job = (rows: number, bytes?: number): Job<void> => ({
  rows,
  ...(bytes === undefined ? {} : { bytes }),
  plan: async () => ({ placed: [], writes: () => [write], answer: () => undefined }),
})

test.each([
  ['everything that waits goes in one group commit', Array.from({ length: 300 }, () => job(1)), [300]],
  ['up to a number of rows', Array.from({ length: 5 }, () => job(200)), [2, 2, 1]],
  ['and of bytes', Array.from({ length: 5 }, () => job(1, 3 * MIB)), [2, 2, 1]],
  ['what is larger than that goes alone', [job(1, 20 * MIB), job(1), job(2_000)], [1, 1, 1]],
])('%s', async (_, jobs, commits) => {
  const made = counted()
  await Promise.all(jobs.map((one) => made.committer.submit(one)))
  expect(made.commits).toEqual(commits)
})
