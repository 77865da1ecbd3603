import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { projectFiles, readJson, root } from '../lib/tree.ts'

interface Versioned {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

const files = projectFiles()
const manifests = files.filter((path) => /^(packages|examples)\/[^/]+\/package\.json$/.test(path))
const settings = ['package.json', 'pnpm-workspace.yaml', ...files.filter((path) => path.startsWith('.changeset/'))]
const notes = settings.filter((path) => /^\.changeset\/(?!README).+\.md$/.test(path))
const namedBy = (path: string): readonly string[] =>
  [...readFileSync(join(root, path), 'utf8').matchAll(/^['"](@dchat\/[a-z-]+)['"]: /gm)].map(
    (match) => match[1] as string,
  )

let copy: string
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'dchat-release-'))
  for (const path of [...settings, ...manifests]) {
    mkdirSync(dirname(join(copy, path)), { recursive: true })
    cpSync(join(root, path), join(copy, path))
  }
})
afterAll(() => rmSync(copy, { recursive: true, force: true }))

test('the next release can be made: every changeset becomes a version and a line of the changelog', () => {
  execFileSync(process.execPath, [join(root, 'node_modules/@changesets/cli/bin.js'), 'version'], { cwd: copy })
  const meant = new Set(notes.flatMap(namedBy))
  for (const path of manifests) {
    const before = readJson(path) as Versioned
    const after = JSON.parse(readFileSync(join(copy, path), 'utf8')) as Versioned
    expect(after.version !== before.version, before.name).toBe(meant.has(before.name))
    const changelog = readdirSync(join(copy, dirname(path))).some((name) => name.startsWith('CHANGELOG'))
    expect(changelog, before.name).toBe(meant.has(before.name))
    meant.delete(before.name)
  }
  expect([...meant], 'changesets of packages that are not there').toEqual([])
  expect(notes.filter((path) => existsSync(join(copy, path)))).toEqual([])
})

test('packages depend on each other as they stand in the workspace', () => {
  const ranges = manifests.flatMap((path) => {
    const { dependencies, devDependencies } = readJson(path) as Versioned
    return Object.entries({ ...dependencies, ...devDependencies }).filter(([name]) => name.startsWith('@dchat/'))
  })
  expect(ranges.length).toBeGreaterThan(2)
  expect(ranges.filter(([, range]) => range !== 'workspace:*')).toEqual([])
})
