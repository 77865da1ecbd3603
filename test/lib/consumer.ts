import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'
import type { Fence } from './fences.ts'
import { root } from './tree.ts'

/** A folder outside the workspace in which the built packages are installed, as a reader of the docs has it. */
export interface Consumer {
  readonly folder: string
  /** Writes fences as modules and returns what TypeScript says about them, by page and line. */
  check(fences: readonly Fence[]): readonly string[]
  /** Writes one fence as JavaScript and returns its path. */
  compile(fence: Fence, change?: (code: string) => string): string
  remove(): void
}

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: true,
  noEmit: true,
}

const nameOf = ({ page, line }: Fence): string => `${page.replace(/\W+/g, '-').toLowerCase()}-${line}`

export const createConsumer = (): Consumer => {
  const folder = mkdtempSync(join(tmpdir(), 'dchat-consumer-'))
  mkdirSync(join(folder, 'node_modules/@dchat'), { recursive: true })
  symlinkSync(join(root, 'packages/sdk'), join(folder, 'node_modules/@dchat/sdk'), 'dir')
  symlinkSync(join(root, 'packages/relay'), join(folder, 'node_modules/@dchat/relay'), 'dir')
  symlinkSync(join(root, 'packages/bot-kit'), join(folder, 'node_modules/@dchat/bot-kit'), 'dir')
  symlinkSync(join(root, 'node_modules/@types'), join(folder, 'node_modules/@types'), 'dir')
  writeFileSync(join(folder, 'package.json'), '{ "name": "reader", "private": true, "type": "module" }\n')

  const describe =
    (fences: ReadonlyMap<string, Fence>) =>
    (diagnostic: ts.Diagnostic): string => {
      const text = ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ')
      const fence = diagnostic.file && fences.get(diagnostic.file.fileName)
      if (!fence || !diagnostic.file) return text
      const { line } = diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start ?? 0)
      return `${fence.page}:${fence.line + line}: ${text}`
    }

  return {
    folder,
    check: (fences) => {
      const files = new Map(fences.map((fence) => [join(folder, `${nameOf(fence)}.ts`), fence]))
      // `export {}` makes each fence a module of its own without moving its lines.
      for (const [file, fence] of files) writeFileSync(file, `${fence.code}\nexport {}\n`)
      const program = ts.createProgram([...files.keys()], {
        ...OPTIONS,
        typeRoots: [join(folder, 'node_modules/@types')],
      })
      return ts.getPreEmitDiagnostics(program).map(describe(files))
    },
    compile: (fence, change = (code) => code) => {
      const file = join(folder, `${nameOf(fence)}.mjs`)
      const { outputText } = ts.transpileModule(change(fence.code), {
        compilerOptions: { ...OPTIONS, module: ts.ModuleKind.ESNext },
      })
      writeFileSync(file, outputText)
      return file
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
