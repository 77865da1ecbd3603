import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { build as buildByEsbuild } from 'esbuild'
import { build as buildByVite } from 'vite'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import webpack from 'webpack'
import { createProject, type Project } from '../lib/packed.ts'

const APP = `import { createClient, createIdentity } from '@dchat/sdk'

const client = await createClient({ identity: createIdentity(), relays: ['wss://relay.example'] })
document.title = client.address
`

/** The source files that went into what was built, wherever they stand. */
type Inputs = readonly string[]

let project: Project
beforeAll(() => {
  project = createProject(inject('packed').filter(({ name }) => name === '@dchat/sdk'))
  project.write('app.js', APP)
  project.write('index.html', '<!doctype html><title>empty</title><script type="module" src="./app.js"></script>\n')
})
afterAll(() => project.remove())

/** Each as a project without configuration: nothing but where to begin, and where to put the result. */
const BUNDLERS: Readonly<Record<string, (folder: string, out: string) => Promise<Inputs>>> = {
  Vite: async (folder, out) => {
    const result = await buildByVite({ root: folder, logLevel: 'error', build: { outDir: out } })
    const outputs = Array.isArray(result)
      ? result.flatMap(({ output }) => output)
      : 'output' in result
        ? result.output
        : []
    return outputs.flatMap((one) => (one.type === 'chunk' ? one.moduleIds : []))
  },
  webpack: (folder, out) =>
    new Promise((resolve, reject) => {
      const project = { mode: 'production', context: folder, entry: './app.js', output: { path: out } } as const
      // Minimizing changes nothing of what is asked here and takes most of the time; sizes have a test of their own.
      const quick = { optimization: { minimize: false }, performance: { hints: false } } as const
      webpack({ ...project, ...quick }, (error, stats) => {
        if (error || stats === undefined || stats.hasErrors() || stats.hasWarnings())
          return reject(error ?? new Error(stats?.toString({ all: false, errors: true, warnings: true })))
        const names =
          stats.toJson({ all: false, modules: true, nestedModules: true, modulesSpace: Infinity }).modules ?? []
        resolve(names.flatMap(({ name, modules = [] }) => [name, ...modules.map((inner) => inner.name)]).map(String))
      })
    }),
  esbuild: async (folder, out) => {
    const { metafile } = await buildByEsbuild({
      absWorkingDir: folder,
      entryPoints: ['app.js'],
      bundle: true,
      format: 'esm',
      outdir: out,
      metafile: true,
      logLevel: 'silent',
    })
    return Object.keys(metafile.inputs)
  },
}

const scriptsIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile() && path.endsWith('.js'))

describe.each(Object.entries(BUNDLERS))('%s without settings', (name, build) => {
  test('builds a page of the SDK that holds what browsers need, and nothing of Node', async () => {
    const out = join(project.folder, 'out', name)
    const inputs = await build(project.folder, out)
    expect(inputs.filter((path) => path.includes('platform-browser'))).not.toEqual([])
    expect(inputs.filter((path) => /platform-node|\/(ws|libsql|vitest)\/|(^|[ "])node:/.test(path))).toEqual([])
    const text = scriptsIn(out)
      .map((path) => readFileSync(path, 'utf8'))
      .join('\n')
    expect(text).toContain('wss://relay.example')
    expect(text).not.toMatch(/\b(from|import|require\()\s*["']node:|["'](libsql|ws)["']/)
  })
})
