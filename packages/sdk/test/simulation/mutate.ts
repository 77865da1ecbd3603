import { join } from 'node:path'
import { build } from 'vite'
import type { Mutation } from './mutations.ts'

/** Left behind by each mutated file when it is loaded. */
export const MARKS = 'dchat mutated files'

/** Source after the edits of a file. Throws where a text does not stand there exactly once: the check would prove nothing. */
const edited = (code: string, id: string, { name, edits }: Mutation): string =>
  edits.reduce((text, { file, find, put }) => {
    if (!id.endsWith(file)) return text
    const [before, after, ...more] = text.split(find)
    if (before === undefined || after === undefined || more.length > 0)
      throw new Error(
        `"${name}": the text to change stands ${more.length + (after === undefined ? 0 : 1)} times in ${file}`,
      )
    return before + put + after
  }, code)

/** A plugin of Vite that changes source text on its way into the program, and nothing on the disk. */
const mutationPlugin = (mutation: Mutation) => ({
  name: 'dchat-mutation',
  enforce: 'pre' as const,
  transform: (code: string, id: string): { code: string; map: null } | undefined => {
    const path = (id.split('?')[0] as string).replaceAll('\\', '/')
    const edit = mutation.edits.find(({ file }) => path.endsWith(file))
    if (edit === undefined) return undefined
    const mark = `;(globalThis[${JSON.stringify(MARKS)}] ??= new Set()).add(${JSON.stringify(edit.file)});\n`
    return { code: `${edited(code, path, mutation)}\n${mark}`, map: null }
  },
})

/** Builds `mutated.ts` with the mutation into a folder below `root`, the package; resolves with the program's path. */
export const buildMutated = async (mutation: Mutation, root: string, folder: string): Promise<string> => {
  const resolve = { conditions: ['dchat-source'] }
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    plugins: [mutationPlugin(mutation)],
    resolve,
    // What lies in node_modules goes past the plugin otherwise.
    ssr: { resolve, noExternal: [/^ts-mls/, /^@dchat\//] },
    build: { ssr: 'test/simulation/mutated.ts', outDir: folder, minify: false, target: 'node20' },
  })
  return join(folder, 'mutated.js')
}
