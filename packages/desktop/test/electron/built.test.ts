import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { transform } from 'esbuild'
import { type Browser, chromium } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumArgs, findChromium, NO_CHROMIUM } from '../../../../scripts/lib/chromium.mjs'
import { pagesOf } from '../../src/core/pages.ts'

const dist = join(import.meta.dirname, '../../dist')
const executablePath = findChromium()
if (executablePath === undefined)
  process.stderr.write(`Skipped: the built page over the built preload: ${NO_CHROMIUM}.\n`)

test('the built program opens its window in plain Node, over a stand-in for Electron', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dchat-built-'))
  try {
    const standIn = await readFile(join(import.meta.dirname, '../support/electron.ts'), 'utf8')
    await writeFile(join(folder, 'electron.mjs'), (await transform(standIn, { loader: 'ts' })).code)
    const resolveElectron = `export const resolve = (name, context, next) =>
      name === 'electron' ? { url: ${JSON.stringify(pathToFileURL(join(folder, 'electron.mjs')).href)}, shortCircuit: true } : next(name, context)`
    await writeFile(join(folder, 'hooks.mjs'), resolveElectron)
    const run = `
      import { register } from 'node:module'
      register(${JSON.stringify(pathToFileURL(join(folder, 'hooks.mjs')).href)})
      const { standIn } = await import('electron')
      await import(${JSON.stringify(pathToFileURL(join(dist, 'main/index.js')).href)})
      while (standIn.windows.length === 0) await new Promise(setImmediate)
      const [window] = standIn.windows
      const page = await standIn.protocols.get('app')(new Request(window.webContents.mainFrame.url))
      const { preload, sandbox } = window.options.webPreferences
      process.stdout.write(JSON.stringify({ preload, sandbox, html: await page.text(), calls: [...standIn.calls.keys()] }))`
    await writeFile(join(folder, 'run.mjs'), run)
    const env = { ...process.env, DCHAT_APP_DATA: folder }
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'run.mjs')], { env })
    const told = JSON.parse(stdout) as { preload: string; sandbox: boolean; html: string; calls: string[] }
    expect(told).toMatchObject({ preload: join(dist, 'preload/index.cjs'), sandbox: true, calls: ['dchat:call'] })
    expect(existsSync(told.preload)).toBe(true)
    expect(told.html).toBe(await readFile(join(dist, 'renderer/index.html'), 'utf8'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

/** The preload script as Electron runs it, with messages as text: bytes become lists of numbers on their way. */
const preloadIn = (code: string): string => `{
  const pack = (_, value) => value instanceof Uint8Array ? { bytes: [...value] } : value
  const unpack = (_, value) => Array.isArray(value?.bytes) ? Uint8Array.from(value.bytes) : value
  const standIn = {
    contextBridge: { exposeInMainWorld: (name, value) => { window[name] = value } },
    ipcRenderer: {
      invoke: async (channel, ...args) => JSON.parse(await window.program(channel, JSON.stringify(args, pack)), unpack),
      on: () => {},
      off: () => {},
    },
  }
  const require = (name) => { if (name !== 'electron') throw new Error('a sandboxed preload may not load ' + name); return standIn }
  ;(() => { ${code} })()
}`

describe.skipIf(executablePath === undefined)('the built page over the built preload', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({ ...(executablePath && { executablePath }), args: chromiumArgs() })
  })
  afterAll(() => browser.close())

  test('starts within its policy, knows that it is on a desktop, and has its first identity locked there', async () => {
    const page = await browser.newPage()
    const asked: string[] = []
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      // There is no relay behind what is suggested.
      if (message.type() === 'error' && !message.text().includes('WebSocket')) complaints.push(message.text())
    })
    const flip = (bytes: number[]): number[] => bytes.map((byte) => byte ^ 0xff)
    const programs: Record<string, (params: { bytes: number[] }) => unknown> = {
      about: () => ({ version: '9.9.9', boundTo: 'this test', notifies: false }),
      suggestions: () => ({ relays: [{ url: 'ws://127.0.0.1:9', name: 'Nowhere' }] }),
      'secrets.wrap': ({ bytes }) => ({ bytes: flip(bytes) }),
      'secrets.unwrap': ({ bytes }) => ({ bytes: flip(bytes) }),
      'links.take': () => [],
      'updates.state': () => 'managed-elsewhere',
    }
    await page.exposeFunction('program', (channel: string, text: string) => {
      const [name, params] = JSON.parse(text) as [string, { bytes: number[] }]
      asked.push(`${channel} ${name}`)
      return JSON.stringify({ ok: true, value: programs[name]?.(params) })
    })
    await page.addInitScript(preloadIn(await readFile(join(dist, 'preload/index.cjs'), 'utf8')))
    const answer = pagesOf(join(dist, 'renderer'))
    await page.route('https://dchat.test/**', async (route) => {
      const { status, headers, body } = await answer(route.request().method(), new URL(route.request().url()).pathname)
      await route.fulfill({ status, headers: { ...headers }, body: Buffer.from(body) })
    })
    await page.goto('https://dchat.test/')
    await page.getByLabel('Your name').fill('Ann')
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    await page.getByRole('heading', { name: 'Conversations' }).waitFor()
    expect(asked).toEqual(
      expect.arrayContaining(['dchat:call about', 'dchat:call suggestions', 'dchat:call secrets.wrap']),
    )
    expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(0)
    expect(complaints).toEqual([])
  })
})

test('what the page loads before it draws is minified, and small enough to be waited for', async () => {
  const assets = join(dist, 'renderer/assets')
  const html = await readFile(join(dist, 'renderer/index.html'), 'utf8')
  const loaded = new Map<string, string>()
  const load = async (name: string): Promise<void> => {
    if (loaded.has(name) || !existsSync(join(assets, name))) return
    const code = await readFile(join(assets, name), 'utf8')
    loaded.set(name, code)
    for (const [, next = ''] of code.matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g)) await load(next)
  }
  for (const [, name = ''] of html.matchAll(/assets\/([^"']+\.js)/g)) await load(name)
  const bytes = [...loaded.values()].reduce((sum, code) => sum + gzipSync(code).length, 0)
  expect(loaded.size).toBeGreaterThan(3)
  expect(bytes).toBeLessThan(310_000)
  // What is not needed for that comes when it is: names of emoji, and what reads markdown.
  const sources = [...loaded.values()].join('')
  for (const late of ['grinning face', 'blankLineEnding']) expect(sources, late).not.toContain(late)
})
