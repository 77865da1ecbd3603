import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRelay } from '../../../../relay/src/index.ts'
import { startTestRelay } from '../../../../relay/src/testing.ts'
import type { RewindableRelay, TestRelay } from './host.ts'

export const testRelay = (): Promise<TestRelay> => createRelay()

export const rewindableRelay = async (): Promise<RewindableRelay> => {
  const base = await mkdtemp(join(tmpdir(), 'dchat-rewindable-'))
  const [directory, kept] = [join(base, 'now'), join(base, 'earlier')]
  const relay = await startTestRelay({ store: { directory } })
  const close = async (): Promise<void> => {
    await relay.close()
    await rm(base, { recursive: true, force: true })
  }
  return {
    url: relay.url,
    stop: relay.stop,
    start: relay.start,
    keep: () => cp(directory, kept, { recursive: true }),
    rewind: async () => {
      await rm(directory, { recursive: true })
      await cp(kept, directory, { recursive: true })
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}
