import { existsSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Consumer, createConsumer } from './lib/consumer.ts'
import { anchorsOf, fencesOf, linksOf } from './lib/fences.ts'
import { shellCommands } from './lib/shell.ts'
import { projectFiles, readJson, readText, root } from './lib/tree.ts'

const pages = projectFiles().filter((path) => path.endsWith('.md') && !path.includes('/vectors/'))
/** Pages inside packages are notices and the like, without code to run. */
const fences = pages.filter((page) => !page.startsWith('packages/')).flatMap(fencesOf)
/** Where a comment's page may stand. */
const places = (page: string): readonly string[] => [
  page,
  `docs/${page}`,
  `docs/protocol/${page}`,
  `packages/sdk/${page}`,
]
const at = (language: string) => fences.filter((fence) => fence.language === language)

describe('pages', () => {
  test('every fence says what it holds', () => {
    const known = ['ts', 'js', 'sh', 'json', 'text', 'ini', 'yaml']
    expect(
      fences.filter(({ language }) => !known.includes(language)).map(({ page, line }) => `${page}:${line}`),
    ).toEqual([])
  })

  test('links inside the project lead to files and headings that exist', () => {
    const broken = pages.flatMap((page) =>
      linksOf(page)
        .filter((url) => !/^[a-z]+:/.test(url))
        .filter((url) => {
          const [path = '', anchor] = url.split('#')
          const target = path === '' ? page : posix.join(dirname(page), path)
          if (!existsSync(join(root, target))) return true
          return anchor !== undefined && !anchorsOf(target).includes(anchor)
        })
        .map((url) => `${page}: ${url}`),
    )
    expect(broken).toEqual([])
  })

  test('every page under docs is reached from the README', () => {
    const seen = new Set<string>()
    const visit = (page: string): void => {
      if (seen.has(page) || !pages.includes(page)) return
      seen.add(page)
      for (const url of linksOf(page)) visit(posix.join(dirname(page), url.split('#')[0] as string))
    }
    visit('README.md')
    expect(pages.filter((page) => page.startsWith('docs/') && !seen.has(page))).toEqual([])
  })

  test('ARCHITECTURE.md names files and folders that exist', () => {
    const named = [...readText('ARCHITECTURE.md').matchAll(/`((?:sdk|relay|cli)\/[^`]+)`/g)].map(
      (match) => match[1] as string,
    )
    expect(named.length).toBeGreaterThan(30)
    const missing = named.filter((path) => !existsSync(join(root, 'packages', path.replace('/', '/src/'))))
    expect(missing).toEqual([])
  })

  test('comments name pages that exist', () => {
    const code = projectFiles().filter((path) => /\.(ts|mjs|js)$/.test(path))
    const missing = code.flatMap((path) =>
      [...readText(path).matchAll(/[\w./-]+\.md\b/g)]
        .map(([page]) => page)
        .filter((page) => !places(page).some((place) => existsSync(join(root, place))))
        .map((page) => `${path}: ${page}`),
    )
    expect([...new Set(missing)]).toEqual([])
  })

  test('documents speak of the product alone', () => {
    expect(pages.filter((page) => /PROTOCOL\.md|DESIGN\.md/.test(page))).toEqual([])
  })
})

describe('fences of TypeScript', () => {
  let consumer: Consumer
  beforeAll(() => {
    consumer = createConsumer()
  })
  afterAll(() => consumer.remove())

  test('compile against the built packages', () => {
    expect(at('ts').length).toBeGreaterThan(0)
    expect(consumer.check(at('ts'))).toEqual([])
  })
})

describe('fences of shell commands', () => {
  const lines = fences.flatMap(shellCommands)

  test('name scripts of the workspace that exist', () => {
    const { scripts } = readJson('package.json') as { scripts: Record<string, string> }
    const called = lines.filter(({ words }) => words[0] === 'npm')
    const missing = called.filter(({ words }) => !(((words[1] === 'run' ? words[2] : words[1]) as string) in scripts))
    expect(called.length).toBeGreaterThan(0)
    expect(missing.map(({ place }) => place)).toEqual([])
  })
})
