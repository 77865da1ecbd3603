import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'
import { afterAll } from 'vitest'

const here = fileURLToPath(new URL('.', import.meta.url))
/** Under the package, so that the driver is found from there. */
const out = join(here, '../../node_modules/.dchat-test', `${process.pid}`)

afterAll(() => rmSync(out, { recursive: true, force: true }))

/** Bundles `<name>.ts` of this folder, or of another one, into a script that plain Node starts: real processes can be killed. */
export const buildChild = async (name: string, folder = here): Promise<string> => {
  mkdirSync(out, { recursive: true })
  await build({
    entry: { [name]: join(folder, `${name}.ts`) },
    outDir: out,
    config: false,
    format: 'esm',
    target: 'node20',
    external: ['libsql', 'ws'],
    noExternal: [/^(?!libsql|ws$|node:)/],
    esbuildOptions: (options) => {
      options.conditions = ['dchat-source']
    },
    // Some of what is bundled asks for parts of Node in the old way.
    banner: { js: "import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)" },
    silent: true,
    dts: false,
    clean: false,
    outExtension: () => ({ js: '.mjs' }),
  })
  return join(out, `${name}.mjs`)
}
