import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type Plugin, type Rollup } from 'vite'
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

const ENTRY = 'page.js'

/** Bundles the SDK for a browser as an app does, with Vite: minified, in chunks, from the build or from the sources. */
export const browserBundle = async (program: Program, from: 'build' | 'sources'): Promise<readonly Chunk[]> => {
  const sdk = join(root, 'packages/sdk', from === 'build' ? 'dist/index.js' : 'src/index.ts')
  const page: Plugin = {
    name: 'page',
    resolveId: (id) => (id === ENTRY ? join(root, 'examples', ENTRY) : id === '@dchat/sdk' ? sdk : undefined),
    load: (id) => (id === join(root, 'examples', ENTRY) ? PROGRAMS[program] : undefined),
  }
  const made = await build({
    root,
    configFile: false,
    logLevel: 'error',
    plugins: [page],
    resolve: { conditions: [...(from === 'sources' ? ['dchat-source'] : []), 'browser', 'module', 'import'] },
    build: {
      write: false,
      target: 'es2022',
      minify: true,
      modulePreload: false,
      rollupOptions: {
        input: ENTRY,
        preserveEntrySignatures: 'strict',
        // mlkem asks for it where there is no `globalThis.crypto`; the build leaves that out.
        external: from === 'sources' ? ['crypto'] : [],
      },
    },
  })
  if (!('output' in made)) throw new Error('Vite made something else than one bundle')
  return made.output.flatMap((one) => (one.type === 'chunk' ? [chunkOf(one)] : []))
}

type OutputChunk = Extract<Rollup.OutputChunk, { type: 'chunk' }>

const chunkOf = ({ fileName, facadeModuleId, isEntry, isDynamicEntry, code, modules, imports }: OutputChunk): Chunk => {
  const minified = Buffer.byteLength(code)
  const lengths = Object.entries(modules).map(([file, { renderedLength }]) => [file, renderedLength] as const)
  // What a module has before it is minified says how much of the chunk is its own.
  const sum = lengths.reduce((total, [, length]) => total + length, 0)
  return {
    name: fileName,
    entry: (isEntry || isDynamicEntry) && facadeModuleId !== null ? facadeModuleId : undefined,
    code,
    minified,
    gzip: gzipSync(code, { level: 9 }).length,
    inputs: new Map(lengths.map(([file, length]) => [file, sum === 0 ? 0 : (length / sum) * minified])),
    imports,
  }
}

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
