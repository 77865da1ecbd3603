import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { findChromium } from '../scripts/lib/chromium.mjs'

const base = mkdtempSync(join(tmpdir(), 'dchat-find-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))

const program = join(base, 'chromium-browser')
writeFileSync(program, '', { mode: 0o755 })
const text = join(base, 'chromium')
writeFileSync(text, '', { mode: 0o644 })
const PATH = ['', join(base, 'nowhere'), base].join(delimiter)

describe.skipIf(process.platform === 'win32')('the Chromium of a machine', () => {
  test('is the first program of a known name on the path', () => expect(findChromium({ PATH })).toBe(program))

  test('is the one that CHROMIUM_PATH names, and no other', () => {
    expect(findChromium({ CHROMIUM_PATH: program })).toBe(program)
    expect(findChromium({ CHROMIUM_PATH: text, PATH })).toBeUndefined()
    expect(findChromium({ CHROMIUM_PATH: base, PATH })).toBeUndefined()
  })
})
