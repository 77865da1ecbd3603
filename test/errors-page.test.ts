import { fromMarkdown } from 'mdast-util-from-markdown'
import { expect, test } from 'vitest'
import { ERRORS } from '../packages/sdk/src/errors.ts'
import { errorsPage } from './lib/errors-page.ts'
import { readText } from './lib/tree.ts'

const page = errorsPage()

test('docs/errors.md is what the error table says today (npm run docs writes it)', async () => {
  await expect(page).toMatchFileSnapshot('../docs/errors.md')
})

test('the page holds one heading per code, in the order of the table', () => {
  const headings = fromMarkdown(readText('docs/errors.md')).children.flatMap((node) =>
    node.type === 'heading' && node.depth === 3 && node.children[0]?.type === 'text' ? [node.children[0].value] : [],
  )
  expect(headings).toEqual(Object.keys(ERRORS))
})

test('every sentence and remedy is a whole sentence without holes', () => {
  const sentences = page.split('\n').filter((line) => line.startsWith('> '))
  for (const sentence of sentences) expect(sentence).toMatch(/^> [A-Z*].*\.$/)
  expect(sentences.join()).not.toMatch(/undefined|NaN|\[object/)
  for (const [code, { remedy }] of Object.entries(ERRORS)) expect(remedy, code).toMatch(/^[A-Z"].*\.$/)
})
