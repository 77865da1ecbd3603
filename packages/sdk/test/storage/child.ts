import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'
import { afterAll } from 'vitest'

const here = fileURLToPath(new URL('.', import.meta.url))
/** Under the package, so that the driver is found from there. */
const out = join(here, '../../node_modules/.dchat-test', `${process.pid}`)

afterAll(() => rmSync(out, { recursive: true, force: true }))

/** Bundles `<name>.ts` of this folder into a script that plain Node starts: real processes can be killed. */
export const buildChild = async (name: string): Promise<string> => {
  mkdirSync(out, { recursive: true })
  await build({
    entry: { [name]: join(here, `${name}.ts`) },
    outDir: out,
    config: false,
    format: 'esm',
    target: 'node20',
    external: ['libsql'],
    noExternal: [/^(?!libsql|node:)/],
    silent: true,
    dts: false,
    clean: false,
    outExtension: () => ({ js: '.mjs' }),
  })
  return join(out, `${name}.mjs`)
}
