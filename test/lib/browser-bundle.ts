import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type Metafile } from 'esbuild'
import { root } from './tree.ts'

/** A page that opens the client of somebody who is there, and one that also makes an identity. */
export const PROGRAMS = {
  client: "export { createClient } from '@dchat/sdk'",
  identity: "export { createClient, createIdentity } from '@dchat/sdk'",
} as const

export type Program = keyof typeof PROGRAMS

export interface Chunk {
  readonly name: string
  /** The module that a dynamic import named, for chunks that are loaded later. */
  readonly entry: string | undefined
  readonly code: string
  readonly minified: number
  readonly gzip: number
  /** Minified bytes of each source file in it. */
  readonly inputs: ReadonlyMap<string, number>
  /** Names of the chunks that come with it. */
  readonly imports: readonly string[]
}

/** Bundles the SDK for a browser as an app does: minified, in chunks, from the build or from the sources. */
export const browserBundle = async (program: Program, from: 'build' | 'sources'): Promise<readonly Chunk[]> => {
  const { outputFiles, metafile } = await build({
    stdin: { contents: PROGRAMS[program], resolveDir: join(root, 'examples'), sourcefile: 'page.js' },
    nodePaths: [join(root, 'node_modules')],
    alias: { '@dchat/sdk': join(root, 'packages/sdk', from === 'build' ? 'dist/index.js' : 'src/index.ts') },
    conditions: from === 'build' ? ['browser'] : ['dchat-source', 'browser'],
    absWorkingDir: root,
    bundle: true,
    minify: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    outdir: '/bundle',
    metafile: true,
    write: false,
    logLevel: 'error',
    legalComments: 'none',
    // mlkem asks for it where there is no `globalThis.crypto`; the build leaves that out.
    external: from === 'sources' ? ['crypto'] : [],
  })
  const outputs = Object.entries(metafile.outputs).map(([path, output]) => ({ name: nameOf(path), output }))
  return outputs.map(({ name, output }) => {
    const file = outputFiles.find(({ path }) => nameOf(path) === name)
    if (file === undefined) throw new Error(`${name} was not written`)
    return {
      name,
      entry: output.entryPoint,
      code: file.text,
      minified: file.contents.length,
      gzip: gzipSync(file.contents, { level: 9 }).length,
      inputs: new Map(Object.entries(output.inputs).map(([path, { bytesInOutput }]) => [path, bytesInOutput])),
      imports: importsOf(output),
    }
  })
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

const importsOf = ({ imports }: Metafile['outputs'][string]): readonly string[] =>
  imports.filter(({ kind, external }) => kind === 'import-statement' && !external).map(({ path }) => nameOf(path))

/** The chunks that come with one, itself included. */
export const loadedWith = (chunks: readonly Chunk[], first: Chunk, seen = new Set<Chunk>()): ReadonlySet<Chunk> => {
  if (seen.has(first)) return seen
  seen.add(first)
  for (const name of first.imports) {
    const next = chunks.find((chunk) => chunk.name === name)
    if (next !== undefined) loadedWith(chunks, next, seen)
  }
  return seen
}
