import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BrowserContext, chromium, type Page } from 'playwright'
import { build, preview } from 'vite'
import { describe } from 'vitest'
import { chromiumArgs, findChromium, NO_CHROMIUM } from '../../../../scripts/lib/chromium.mjs'

const executablePath = findChromium()

/** Tests that drive a whole browser; where there is none they are skipped, and say why. */
export const describeInChromium = (name: string, tests: () => void): void => {
  if (executablePath !== undefined) {
    describe(name, tests)
    return
  }
  process.stderr.write(`Skipped: ${name}: ${NO_CHROMIUM}.\n`)
  describe.skip(`${name} (${NO_CHROMIUM})`, tests)
}

interface Folder {
  readonly path: string
  [Symbol.asyncDispose](): Promise<void>
}

/** A folder that goes away with the test. */
export const temporaryFolder = async (): Promise<Folder> => {
  const path = await mkdtemp(join(tmpdir(), 'dchat-chromium-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/**
 * A browser over a profile on disk, which a later one may open again. Closing it writes down what it still holds;
 * pages and workers of one profile share their storage and locks.
 */
export const openBrowser = (
  profile: string,
  /** What Playwright switches off and the test needs. */
  { backForwardCache = false }: { readonly backForwardCache?: boolean } = {},
): Promise<BrowserContext> =>
  chromium.launchPersistentContext(profile, {
    ...(backForwardCache && { ignoreDefaultArgs: ['--disable-back-forward-cache'] }),
    ...(executablePath === undefined ? {} : { executablePath }),
    args: chromiumArgs(),
    headless: true,
  })

interface Site {
  /** `http://127.0.0.1:port/`, a secure context; the same for as long as the site is open. */
  readonly url: string
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Serves the page of a folder below `pages`, which holds an index.html: a Vite build from the SDK's sources, as an app
 * has it. `headers` go with each answer.
 */
export const openSite = async (page: string, headers: Record<string, string> = {}): Promise<Site> => {
  const folder = await temporaryFolder()
  const common = {
    root: fileURLToPath(new URL(`pages/${page}/`, import.meta.url)),
    configFile: false,
    logLevel: 'error',
    build: { outDir: folder.path, emptyOutDir: true, target: 'es2022', minify: false },
  } as const
  const conditions = ['dchat-source', 'browser', 'module', 'import', 'default']
  await build({ ...common, resolve: { conditions }, worker: { format: 'es' } })
  const server = await preview({ ...common, preview: { host: '127.0.0.1', port: 0, headers } })
  const close = async (): Promise<void> => {
    await server.close()
    await folder[Symbol.asyncDispose]()
  }
  const url = server.resolvedUrls?.local[0]
  if (url === undefined) throw new Error('the site does not listen')
  return { url, close, [Symbol.asyncDispose]: close }
}

type Arguments<F> = F extends (...args: infer A) => unknown ? A : never
type Answer<F> = F extends (...args: never[]) => infer R ? Awaited<R> : never

/** Calls what a page put on its global object under this name; arguments and answers travel as JSON does. */
export const caller =
  <Api>(global: string) =>
  async <K extends keyof Api & string>(page: Page, name: K, ...args: Arguments<Api[K]>): Promise<Answer<Api[K]>> => {
    await page.waitForFunction((wanted) => wanted in globalThis, global)
    return page.evaluate(
      ([where, what, given]) => {
        const api = Reflect.get(globalThis, where) as Record<string, (...args: unknown[]) => unknown>
        return api[what]?.(...given)
      },
      [global, name, args] as [string, string, unknown[]],
    ) as Promise<Answer<Api[K]>>
  }
