import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { browserBundle, type Chunk } from './lib/browser-bundle.ts'
import { atOnce, gzipOf, sizeTable, untilOpen } from './lib/size-table.ts'
import { readText, root } from './lib/tree.ts'

/** Bytes, gzip. */
const BUDGET = 150_000
/** What the words of recovery phrases may add, for pages that make or read one. */
const PHRASES = 10_000
/** They load when they are used, or never in a browser. */
const NOT_AT_ONCE = ['dexie', 'hash-wasm', '@noble/curves', 'libsql', 'ws', 'libp2p', '@libp2p', 'livekit-client']

const PAGE = 'docs/browser.md'
const dist = join(root, 'packages/sdk/dist')

const packageOf = (file: string): string | undefined => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]

describe.skipIf(!existsSync(join(dist, 'index.js')))('the built SDK in a page', () => {
  let built: readonly Chunk[]
  beforeAll(async () => {
    built = await browserBundle('client', 'build')
  })

  test(`is at most ${BUDGET / 1000} KB with gzip until the client is open`, () => {
    const loaded = untilOpen(built)
    const sizes = loaded.map(({ name, entry, gzip }) => `${name} ${entry ?? ''} ${gzip}`).join('\n')
    expect(gzipOf(loaded), sizes).toBeLessThanOrEqual(BUDGET)
  })

  test(`needs at most ${PHRASES / 1000} KB more where it makes an identity`, async () => {
    const more = await browserBundle('identity', 'build')
    expect(gzipOf(untilOpen(more)) - gzipOf(untilOpen(built))).toBeLessThanOrEqual(PHRASES)
  })

  test('loads no database, media or peer library before it is used', () => {
    const packages = new Set(atOnce(built).flatMap(({ inputs }) => [...inputs.keys()].map(packageOf)))
    // The test would see nothing if the bundle named its files in another way.
    expect(packages).toContain('tweetnacl')
    expect(NOT_AT_ONCE.filter((name) => packages.has(name))).toEqual([])
    expect(built.some(({ inputs }) => [...inputs.keys()].some((file) => packageOf(file) === 'dexie'))).toBe(true)
  })

  test('evaluates no text and makes no worker of one: a strict policy lets it run', () => {
    const text =
      /(?<![\w$.])(?:eval|Function|importScripts)\s*\(|new\s+Function\b|createObjectURL|["'`]data:[a-z]+\/javascript/
    for (const sample of ['eval("1")', 'new Function("a")', 'URL.createObjectURL(x)']) expect(sample).toMatch(text)
    const found = built.flatMap(({ name, code }) => {
      const at = code.search(text)
      return at < 0 ? [] : [`${name}: ${code.slice(Math.max(0, at - 60), at + 60)}`]
    })
    expect(found).toEqual([])
  })

  test('has its worker in a file that bundlers find', () => {
    const files = readdirSync(dist).filter((file) => file.endsWith('.js'))
    expect(files).toContain('argon2-worker.js')
    const naming = files.filter((file) =>
      /new Worker\(new URL\("\.\/argon2-worker\.js", import\.meta\.url\), \{ type: "module" \}\)/.test(
        readText(`packages/sdk/dist/${file}`),
      ),
    )
    expect(naming.length).toBeGreaterThan(0)
  })
})

/** What the page says now stays while it is about right: each change of the code moves a few bytes. */
const isNear = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length &&
  one.every((line, i) => {
    const [a, b] = [cellsOf(line), cellsOf(other[i] as string)]
    return a.length === b.length && a.every((cell, column) => cellIsNear(cell, b[column] as string))
  })

const cellsOf = (line: string): readonly string[] => line.split('|').map((cell) => cell.replaceAll('*', '').trim())

const cellIsNear = (a: string, b: string): boolean => {
  if (a === b) return true
  if (!/^\d+$/.test(a) || !/^\d+$/.test(b)) return false
  return Math.abs(Number(a) - Number(b)) <= Math.max(2, Number(a) / 10)
}

test(`${PAGE} says what costs what (npm run docs writes it)`, async () => {
  const page = readText(PAGE)
  const lines = page.split('\n')
  const start = lines.findIndex((line) => line.startsWith('| what | minified'))
  expect(start).toBeGreaterThan(0)
  const length = lines.slice(start).findIndex((line) => !line.startsWith('|'))
  const now = sizeTable(await browserBundle('client', 'sources'), await browserBundle('identity', 'sources'))
  const near = isNear(lines.slice(start, start + length), now)
  const fresh = near ? page : [...lines.slice(0, start), ...now, ...lines.slice(start + length)].join('\n')
  await expect(fresh).toMatchFileSnapshot(`../${PAGE}`)
})
