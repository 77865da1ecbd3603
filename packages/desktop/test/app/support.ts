import { existsSync, readdirSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright'
import { build } from 'vite'
import { describe, expect } from 'vitest'
import { chromiumArgs, findChromium, NO_CHROMIUM } from '../../../../scripts/lib/chromium.mjs'
import { renderer } from '../../renderer.config.ts'
import { pagesOf } from '../../src/core/pages.ts'

const executablePath = findChromium()
/** ms. A link waits up to 30 s before it tries again, and a machine may be slow: only what never happens fails. */
const PATIENCE = 90_000

/** Tests that look at the app in a browser; where there is none they are skipped, and say why. */
export const describeApp = (name: string, tests: () => void): void => {
  if (executablePath !== undefined) {
    describe(name, tests)
    return
  }
  process.stderr.write(`Skipped: ${name}: ${NO_CHROMIUM}.\n`)
  describe.skip(`${name} (${NO_CHROMIUM})`, tests)
}

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** ms since 1970 of the last change in a folder. */
const newestIn = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((newest, { parentPath, name }) => Math.max(newest, statSync(join(parentPath, name)).mtimeMs), 0)

/** The folder of the built page: what `npm run build` made, unless sources are newer than that. */
const builtPage = async (): Promise<{ folder: string; close: () => Promise<void> }> => {
  const made = at('../../dist/renderer')
  const index = join(made, 'index.html')
  const sources = Math.max(newestIn(at('../../src')), newestIn(at('../../node_modules/@dchat/sdk/dist')))
  if (existsSync(index) && statSync(index).mtimeMs > sources) return { folder: made, close: async () => undefined }
  const folder = await mkdtemp(join(tmpdir(), 'dchat-app-'))
  const output = { ...renderer.build, outDir: folder, sourcemap: false }
  await build({ ...renderer, configFile: false, logLevel: 'error', build: output })
  return { folder, close: () => rm(folder, { recursive: true, force: true }) }
}

interface Look {
  readonly colorScheme?: 'light' | 'dark'
  readonly viewport?: { readonly width: number; readonly height: number }
}

interface App {
  readonly url: string
  /** A browser profile of its own, with the app in it. */
  newcomer(look?: Look): Promise<Page>
  /** The same, past the first minute. */
  person(name: string, look?: Look): Promise<Page>
  /** Another tab of a profile, with the app in it; `prepare`: before the app is there. */
  tab(context: BrowserContext, prepare?: (page: Page) => Promise<unknown>): Promise<Page>
  /** Everything that a page complained of. */
  readonly complaints: readonly string[]
  close(): Promise<void>
}

/** Serves the built page as the program does, and opens a browser for it. It suggests this relay. */
export const openApp = async (relay: string): Promise<App> => {
  const built = await builtPage()
  const suggestions = JSON.stringify({ relays: [{ url: relay, name: 'This computer' }] })
  const answer = pagesOf(built.folder, { 'suggestions.json': suggestions })
  const server = createServer((request, response) => {
    void answer(request.method ?? 'GET', new URL(request.url ?? '/', 'http://localhost').pathname).then(
      ({ status, headers, body }) => response.writeHead(status, { ...headers }).end(body),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const browser: Browser = await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: chromiumArgs(),
  })
  const complaints: string[] = []

  const newcomer = async (look: Look = {}): Promise<Page> => {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      serviceWorkers: 'block',
      reducedMotion: 'reduce',
      locale: 'en-GB',
      ...look,
    })
    context.setDefaultTimeout(PATIENCE)
    return tab(context)
  }

  const tab = async (
    context: BrowserContext,
    prepare: (page: Page) => Promise<unknown> = async () => undefined,
  ): Promise<Page> => {
    const page = await context.newPage()
    await prepare(page)
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      // A relay that is not there is part of the tests.
      if (message.type() === 'error' && !message.text().includes('WebSocket')) complaints.push(message.text())
    })
    await page.goto(url)
    return page
  }

  const person = async (name: string, look?: Look): Promise<Page> => {
    const page = await newcomer(look)
    await page.getByLabel('Your name').fill(name)
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    await page.getByRole('heading', { name: 'Conversations' }).waitFor()
    return page
  }

  const close = async (): Promise<void> => {
    await browser.close()
    await new Promise((resolve) => server.close(resolve))
    await built.close()
  }
  return { url, newcomer, person, tab, complaints, close }
}

/** Looks again and again, as long as a slow machine may take. */
export const soon = <T>(look: () => T) => expect.poll(look, { timeout: PATIENCE })

/** The address of the identity in the window, as its profile shows it. */
export const addressOf = async (page: Page): Promise<string> => {
  await page.getByRole('button', { name: 'Settings', exact: true }).first().click()
  await page.getByRole('button', { name: /^Profile/ }).click()
  const address = (await page.locator('code', { hasText: /^dchat1/ }).textContent()) ?? ''
  await page.getByRole('button', { name: 'Conversations' }).first().click()
  return address
}

/** Opens a conversation with whom an address or invite names, and returns where one writes. */
export const writeTo = async (page: Page, address: string) => {
  await page.getByRole('button', { name: 'New conversation' }).click()
  await page.getByRole('menuitem', { name: 'Write to somebody' }).click()
  await page.getByLabel('Name, invite link or address').fill(address)
  await page.getByRole('button', { name: 'Write to this person' }).click()
  return composer(page)
}

/** The windows of two people who have written with each other, with their conversation open. */
export const annAndBob = async (app: App): Promise<readonly [ann: Page, bob: Page]> => {
  const [ann, bob] = await Promise.all([app.person('Ann'), app.person('Bob')])
  await writeTo(ann, await addressOf(bob))
  await write(ann, 'hello')
  await bob.getByRole('button', { name: 'Allow' }).click()
  await write(bob, 'hello Ann')
  await message(ann, 'hello Ann').waitFor()
  return [ann, bob]
}

export const composer = (page: Page) => page.getByRole('textbox', { name: 'Message', exact: true })

/** Writes a message and sends it. */
export const write = async (page: Page, text: string): Promise<void> => {
  await composer(page).fill(text)
  await composer(page).press('Enter')
}

/** The message with these words, in the list of the open conversation. */
export const message = (page: Page, text: string | RegExp) =>
  page.getByRole('log').getByRole('article').filter({ hasText: text })

/** Waits until the message has come that far. */
export const hasState = async (page: Page, text: string, state: string): Promise<void> => {
  await message(page, text).locator(`[data-state="${state}"]`).waitFor({ state: 'attached' })
}

/** Focuses a message and presses keys on it, as somebody without a mouse does. */
export const onMessage = async (page: Page, text: string | RegExp, key: string): Promise<void> => {
  await message(page, text).focus()
  await soon(() => message(page, text).evaluate((element) => element === document.activeElement)).toBe(true)
  await page.keyboard.press(key)
}
