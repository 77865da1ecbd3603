import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { createProject, type Project } from '../lib/packed.ts'
import { apiReports, entriesOf, namesOf, REPORT, specifierOf } from '../lib/surface.ts'
import { root } from '../lib/tree.ts'

const libraries = inject('packed').filter(({ manifest }) => manifest.exports)
const ADVICE = 'The surface changed. If it was meant: npm run api'

let project: Project
beforeAll(() => {
  // The conformance suites run under the vitest of whoever uses them.
  project = createProject(libraries, ['vitest', '@types/node'])
})
afterAll(() => project.remove())

/** Suites of `/testing` cannot be loaded outside a test; their names stand in the API report. */
const isProgram = (specifier: string): boolean => !specifier.endsWith('/testing')

describe.each(libraries)('$name', (packed) => {
  const folder = packed.name.replace('@dchat/', '')
  const path = (file: string): string => join(root, 'packages', folder, 'api', file)

  test('exports the names that api/exports.txt tells, in Node and in browsers', async () => {
    const specifiers = entriesOf(packed)
      .map((subpath) => specifierOf(packed, subpath))
      .filter(isProgram)
    const node = namesOf(project, specifiers)
    const forBrowsers = folder === 'sdk' ? specifiers.filter((one) => !/\/(node|sqlite)$/.test(one)) : []
    const browser = namesOf(project, forBrowsers, ['browser'])
    for (const specifier of forBrowsers) expect(browser[specifier], specifier).toEqual(node[specifier])
    const sections = specifiers.map((one) => {
      const where = forBrowsers.includes(one) ? 'Node and browsers' : 'Node'
      return `${one} (${where})\n${(node[one] ?? []).map((name) => `  ${name}\n`).join('')}`
    })
    await expect(sections.join('\n'), ADVICE).toMatchFileSnapshot(path('exports.txt'))
  })

  test('has the API that the reports tell', async () => {
    const reports = apiReports(packed, join(project.folder, 'api', folder))
    expect(reports.size).toBe(entriesOf(packed).length)
    for (const [entry, report] of reports) await expect(report, ADVICE).toMatchFileSnapshot(path(entry + REPORT))
  })
})
