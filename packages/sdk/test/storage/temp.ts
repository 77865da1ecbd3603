import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

const root = mkdtempSync(join(tmpdir(), 'dchat-test-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

let count = 0
/** A path under a folder that goes when the file's tests are over; nothing stands there yet. */
export const freshPath = (...parts: string[]): string => join(root, `${count++}`, ...parts)
