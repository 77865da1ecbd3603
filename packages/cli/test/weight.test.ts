import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const SOURCE = fileURLToPath(new URL('../src/', import.meta.url))

// `import type` and `import(…)` cost nothing at the start.
const STATIC = /^(?:import|export) (?!type\b)(?:[^'"]*? from )?'([^']+)'/gms

/** What a file loads at once, and what that loads, and so on: packages by name, own files by path. */
const loaded = (entry: string): Set<string> => {
  const seen = new Set<string>()
  const visit = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    if (!file.startsWith(SOURCE)) return
    for (const [, target = ''] of readFileSync(file, 'utf8').matchAll(STATIC))
      visit(target.startsWith('.') ? fileURLToPath(new URL(target, `file://${file}`)) : target)
  }
  visit(`${SOURCE}${entry}`)
  return seen
}

const packagesOf = (entry: string): string[] =>
  [...loaded(entry)].filter((name) => !name.startsWith(SOURCE) && !name.startsWith('node:')).sort()

describe('what a command loads', () => {
  test('the start, and every command that attaches, loads neither SQLite nor MLS, and no schema library', () => {
    expect(packagesOf('main.ts')).toEqual(['@dchat/sdk/errors', 'yargs'])
    expect([...loaded('main.ts')].map((file) => file.slice(SOURCE.length))).toContain('session/attach.ts')
  })

  test('the owner loads them (so that this test can fail)', () => {
    expect(packagesOf('session/open-client.ts')).toContain('@dchat/sdk')
    expect(packagesOf('session/owner.ts')).toEqual(expect.arrayContaining(['@dchat/sdk', 'zod']))
  })
})
