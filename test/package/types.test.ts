import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { createProject, type Project } from '../lib/packed.ts'
import { entriesOf, specifierOf } from '../lib/surface.ts'
import { root } from '../lib/tree.ts'

const libraries = inject('packed').filter(({ manifest }) => manifest.exports)
const specifiers = libraries.flatMap((packed) => entriesOf(packed).map((subpath) => specifierOf(packed, subpath)))
const uses = readFileSync(join(root, 'test/package/fixtures/uses.ts'), 'utf8')

const { ModuleKind, ModuleResolutionKind } = ts
const RESOLUTIONS = {
  nodenext: { module: ModuleKind.NodeNext, moduleResolution: ModuleResolutionKind.NodeNext },
  bundler: { module: ModuleKind.ESNext, moduleResolution: ModuleResolutionKind.Bundler },
}
/** Neither names the library of disposables: our types bring what they need of it. */
const WORLDS = {
  Node: { lib: ['lib.es2023.d.ts'], types: ['node'] },
  'a browser': { lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.asynciterable.d.ts'], types: [] },
}
const STRICT: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  isolatedModules: true,
  verbatimModuleSyntax: true,
  skipLibCheck: false,
  noEmit: true,
}

describe.each(Object.entries(WORLDS))('a strict TypeScript project for %s', (world, { lib, types }) => {
  let project: Project
  beforeAll(() => {
    project = createProject(libraries, world === 'Node' ? ['@types/node'] : [])
  })
  afterAll(() => project.remove())

  test.each(Object.entries(RESOLUTIONS))('uses the SDK, resolved as by %s, with its libraries checked', (_, how) => {
    const meant = specifiers.filter((one) => world === 'Node' || /sdk(\/(browser|dexie|wire|errors))?$/.test(one))
    const entries = meant.map((specifier, index) => `export * as entry${index} from '${specifier}'\n`).join('')
    const files = [project.write('uses.ts', uses), project.write('entries.ts', entries)]
    const options = { ...STRICT, ...how, lib, types, typeRoots: [join(project.folder, 'node_modules/@types')] }
    const complaints = ts
      .getPreEmitDiagnostics(ts.createProgram(files, options))
      .map(({ file, messageText }) => `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`)
    expect(complaints).toEqual([])
  })
})
