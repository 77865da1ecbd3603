import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type PageAnswer, pagesOf } from '../../src/core/pages.ts'

let folder = ''
let answer: (method: string, path: string) => Promise<PageAnswer>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dchat-pages-'))
  await mkdir(join(folder, 'web', 'assets'), { recursive: true })
  await writeFile(join(folder, 'secret.txt'), 'secret')
  await writeFile(join(folder, 'web', 'index.html'), 'the page')
  await writeFile(join(folder, 'web', 'assets', 'a-1.js'), 'a()')
  answer = pagesOf(join(folder, 'web'), { 'suggestions.json': '{}' })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const text = ({ body }: PageAnswer): string => new TextDecoder().decode(body)

describe('the pages of a folder', () => {
  test('are given with their type and a strict policy', async () => {
    const page = await answer('GET', '/')
    expect(text(page)).toBe('the page')
    expect(page.headers).toMatchObject({
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': expect.stringContaining("default-src 'none'"),
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-cache',
    })
    const script = await answer('HEAD', '/assets/a-1.js')
    expect(script.headers['Content-Type']).toMatch(/^text\/javascript/)
    expect(script.headers['Cache-Control']).toContain('immutable')
    expect(text(await answer('GET', '/suggestions.json'))).toBe('{}')
  })

  test('are read and not changed', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) expect((await answer(method, '/')).status).toBe(405)
  })

  test.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..\\secret.txt',
    '//secret.txt',
    '/assets',
    '/assets/',
    '/constructor',
    '',
  ])('%s is none of them', async (path) => expect((await answer('GET', path)).status).toBe(404))

  test('have nothing outside, whatever path is asked for', async () => {
    const part = fc.constantFrom('..', '.', 'secret.txt', '/', '\\', '%2f', '%2e', 'assets', '\0', 'web')
    await fc.assert(
      fc.asyncProperty(fc.array(part), async (parts) => {
        expect(text(await answer('GET', `/${parts.join('')}`))).not.toContain('secret')
      }),
    )
  })
})
