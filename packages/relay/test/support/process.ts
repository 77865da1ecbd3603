import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'
import { afterAll, beforeAll } from 'vitest'

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url))

/** Bundles the program from source for this test file; beside the dependencies, so that they are found. */
export const useProgram = (): { readonly file: string } => {
  const outDir = join(PACKAGE, 'node_modules', `.test-${process.pid}`)
  beforeAll(async () => {
    await build({
      entry: { main: join(PACKAGE, 'src/main.ts') },
      config: false,
      silent: true,
      format: 'esm',
      target: 'es2022',
      platform: 'node',
      outDir,
      noExternal: [/^@dchat\//, /^@noble\//, /^@scure\//, 'cborg', 'tweetnacl'],
      external: ['libsql', 'ws', 'pino', 'prom-client', 'yargs', 'zod'],
      banner: { js: "import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)" },
      esbuildOptions: (options) => {
        options.conditions = ['dchat-source']
      },
    })
  })
  afterAll(() => rm(outDir, { recursive: true, force: true }))
  return { file: join(outDir, 'main.js') }
}

export interface Program {
  readonly child: ChildProcess
  readonly url: string
  readonly stderr: () => string
  /** Resolves to exit code and signal. */
  readonly exit: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

const start = (
  file: string,
  args: readonly string[],
  node: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
) => {
  const script = `import { main } from ${JSON.stringify(file)}\nprocess.exitCode = await main(process.argv.slice(1))`
  const child = spawn(process.execPath, [...node, '--input-type=module', '-e', script, '--', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const exit = once(child, 'close').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
  }))
  return { child, exit, stderr: () => stderr }
}

/** Runs the program until it prints its address; `node` are options of the runtime. */
export const serve = async (file: string, args: readonly string[], node: readonly string[] = []): Promise<Program> => {
  const started = start(file, args, node)
  let text = ''
  const line = new Promise<string>((resolve, reject) => {
    started.child.stdout?.setEncoding('utf8').on('data', (part: string) => {
      text += part
      if (text.includes('\n')) resolve(text)
    })
    started.exit.then(({ code }) => reject(new Error(`it ended with ${code}: ${started.stderr()}`)))
  })
  return { ...started, url: (JSON.parse(await line) as { url: string }).url }
}

/** Runs the program to its end. */
export const runToEnd = async (file: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const started = start(file, args, [], env)
  let stdout = ''
  started.child.stdout?.setEncoding('utf8').on('data', (part: string) => {
    stdout += part
  })
  const { code } = await started.exit
  return { code, stdout, stderr: started.stderr() }
}
