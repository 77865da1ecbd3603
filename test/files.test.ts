import { basename } from 'node:path'
import { expect, test } from 'vitest'
import { projectFiles, readText } from './lib/tree.ts'

const WARN = 300
const LIMIT = 500
const MEDIAN = 120

/** Where one file is one algorithm or one table, with the reason. */
const EXEMPT: ReadonlyMap<string, string> = new Map()

const lines = (path: string): number => readText(path).trimEnd().split('\n').length
const code = projectFiles().filter((path) => /\.(ts|mjs|js)$/.test(path) && !path.includes('/vectors/'))
const sized = code.map((path) => ({ path, lines: lines(path) })).toSorted((a, b) => b.lines - a.lines)

test(`no file has more than ${LIMIT} lines`, ({ annotate }) => {
  const long = sized.filter((file) => file.lines > WARN && file.lines <= LIMIT)
  for (const file of long) void annotate(`${file.path} has ${file.lines} lines; consider splitting it`, 'warning')
  expect(sized.filter((file) => file.lines > LIMIT && !EXEMPT.has(file.path))).toEqual([])
})

test(`half of the source files have at most ${MEDIAN} lines`, () => {
  const sources = sized.filter((file) => file.path.includes('/src/'))
  expect(sources[Math.floor(sources.length / 2)]?.lines).toBeLessThanOrEqual(MEDIAN)
})

test('files of code have kebab-case names', () => {
  expect(
    code.filter((path) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*\.(d\.ts|ts|mjs|js)$/.test(basename(path))),
  ).toEqual([])
})
