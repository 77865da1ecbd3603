import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { type Packed, packAll } from '../lib/packed.ts'

declare module 'vitest' {
  interface ProvidedContext {
    readonly packed: readonly Packed[]
  }
}

/** Packs the built packages once for all files of this folder. */
export const setup = (project: TestProject): (() => void) => {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'dchat-packed-'))
  project.provide('packed', packAll(folder))
  return () => rmSync(folder, { recursive: true, force: true })
}
