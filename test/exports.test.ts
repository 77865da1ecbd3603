import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Consumer, createConsumer } from './lib/consumer.ts'
import { specifiersIn } from './lib/imports.ts'
import { projectFiles, readJson, root } from './lib/tree.ts'

interface Manifest {
  readonly name: string
  readonly exports?: Readonly<Record<string, { readonly types: string; readonly default: string }>>
  readonly bin?: Readonly<Record<string, string>>
}

const packages = projectFiles()
  .filter((path) => /^packages\/[^/]+\/package\.json$/.test(path))
  .map((path) => ({ folder: path.replace(/\/package\.json$/, ''), manifest: readJson(path) as Manifest }))

const entries = packages.flatMap(({ folder, manifest }) =>
  Object.entries(manifest.exports ?? {}).map(([subpath, files]) => ({
    specifier: join(manifest.name, subpath),
    files: [files.types, files.default].map((file) => join(root, folder, file)),
  })),
)

/** Every package that a built file reaches, over the chunks that it shares with others. */
const reached = (file: string): readonly string[] => {
  const seen = new Set<string>()
  const bare = new Set<string>()
  const visit = (path: string): void => {
    if (seen.has(path)) return
    seen.add(path)
    for (const specifier of specifiersIn(path, readFileSync(path, 'utf8')))
      if (specifier.startsWith('.')) visit(join(dirname(path), specifier))
      else bare.add(specifier)
  }
  visit(file)
  return [...bare].toSorted()
}

describe('the built packages', () => {
  let consumer: Consumer
  beforeAll(() => {
    consumer = createConsumer()
  })
  afterAll(() => consumer.remove())

  const load = (specifier: string): readonly string[] => {
    const code = `const found = await import(${JSON.stringify(specifier)}); console.log(JSON.stringify(Object.keys(found)))`
    const args = ['--input-type=module', '--eval', code]
    return JSON.parse(execFileSync(process.execPath, args, { cwd: consumer.folder, encoding: 'utf8' })) as string[]
  }

  test.each(entries)('$specifier has its code and its types', ({ files }) => {
    expect(files.filter((file) => !existsSync(file))).toEqual([])
  })

  test.each(entries.filter(({ specifier }) => !specifier.endsWith('/testing')))(
    '$specifier can be imported by a program',
    ({ specifier }) => expect(load(specifier).length).toBeGreaterThan(0),
  )

  test.each(['index', 'wire', 'errors'])(
    'the %s of the SDK needs nothing of Node, no socket and no database',
    (name) => {
      const found = reached(join(root, `packages/sdk/dist/${name}.js`))
      expect(found.filter((specifier) => /^(node:|ws$|libsql$|vitest$)/.test(specifier))).toEqual([])
    },
  )

  test('the error table stands alone', () => {
    expect(reached(join(root, 'packages/sdk/dist/errors.js'))).toEqual([])
  })

  test('the MLS library travels inside, because a consumer never receives its repairs', () => {
    for (const { files } of entries.filter(({ specifier }) => specifier.startsWith('@dchat/sdk')))
      expect(reached(files[1] as string).filter((specifier) => specifier.startsWith('ts-mls'))).toEqual([])
  })

  test('programs start', () => {
    const programs = packages.flatMap(({ folder, manifest }) =>
      Object.values(manifest.bin ?? {}).map((file) => join(root, folder, file)),
    )
    expect(programs.length).toBe(2)
    for (const program of programs)
      expect(execFileSync(process.execPath, [program, '--help'], { encoding: 'utf8' })).toContain('--help')
  })
})
