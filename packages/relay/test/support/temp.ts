import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A directory that goes away with the test. */
export const tempDir = async (): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'dchat-relay-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}
