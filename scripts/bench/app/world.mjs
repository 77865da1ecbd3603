import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { chromium } from 'playwright'
import { chromiumArgs, findChromium, NO_CHROMIUM } from '../../lib/chromium.mjs'
import { root } from '../../lib/run.mjs'
import { PeerMissing } from '../runner.mjs'
import { look } from './look.mjs'
import { newestAccount } from './newest-account.mjs'
import { newestText, personOf } from './words.mjs'

const built = (path) => import(pathToFileURL(join(root, 'packages', path)).href)

const bundle = async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('fill.mjs', import.meta.url))],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['browser'],
    write: false,
    logLevel: 'error',
  })
  return outputFiles[0].text
}

const serve = async (relay) => {
  const { pagesOf } = await built('desktop/dist/main/pages.js')
  const answer = pagesOf(join(root, 'packages/desktop/dist/renderer'), {
    'suggestions.json': JSON.stringify({ relays: [{ url: relay, name: 'This computer' }] }),
    'fill.js': await bundle(),
  })
  const server = createServer(async ({ method, url }, response) => {
    const { status, headers, body } = await answer(method, new URL(url, 'http://localhost').pathname)
    response.writeHead(status, headers).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

/** The app makes its identity as a newcomer's, and somebody writes: that conversation is the pattern of all others. */
const begin = async (page, relay) => {
  const { createClient, createIdentity, parseAddress } = await built('sdk/dist/index.js')
  await page.getByLabel('Your name').fill('Ann')
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await page.getByRole('heading', { name: 'Conversations' }).waitFor()
  const { address } = await page.evaluate(newestAccount)
  const bob = await createClient({ identity: createIdentity(), relays: [relay.url], store: ':memory:' })
  try {
    await bob.profiles.set({ name: 'Bob' })
    await bob.connect()
    const chat = await bob.conversations.dm(parseAddress(address), { relays: [relay.url] })
    await chat.send('hello')
    await page.getByRole('button', { name: 'Allow' }).click()
    await page.getByRole('article').filter({ hasText: 'hello' }).waitFor()
  } finally {
    await bob.close()
  }
}

/** A browser over a profile on disk, and the page in it. */
const createBrowser = (profile) => {
  const executablePath = findChromium()
  if (executablePath === undefined) throw new PeerMissing(NO_CHROMIUM)
  let browser
  const close = async () => {
    await browser?.close()
    browser = undefined
  }
  return {
    /** A new process: nothing is warm but the disk. */
    start: async () => {
      await close()
      browser = await chromium.launchPersistentContext(profile, {
        executablePath,
        args: chromiumArgs(),
        viewport: { width: 1280, height: 800 },
        headless: true,
        serviceWorkers: 'block',
      })
      const page = browser.pages()[0] ?? (await browser.newPage())
      page.setDefaultTimeout(120_000)
      return page
    },
    session: (page) => browser.newCDPSession(page),
    close,
  }
}

/** The app over a profile that was filled. */
const openWorld = (profile, url, size) => {
  const browser = createBrowser(profile)
  let page
  return {
    /** Starts the browser and opens the app; ms until the list of conversations can be seen. */
    start: async () => {
      page = await browser.start()
      await page.addInitScript(look)
      await page.goto(url, { waitUntil: 'commit' })
      return page.evaluate(() => globalThis.app.listSeen)
    },
    /** Opens a conversation that the list shows; ms until its newest message can be seen. */
    open: (chat) => {
      const count = chat === 0 ? size.messages : size.others
      const given = [personOf(chat), newestText(chat, count)]
      return page.evaluate(([person, text]) => globalThis.app.open(person, text), given)
    },
    /** Calls what `look.mjs` put into the page. */
    call: (name, ...given) => page.evaluate(([what, args]) => globalThis.app[what](...args), [name, given]),
    /** MB of the page's heap once everything is gone that nobody needs. */
    heap: async () => {
      const session = await browser.session(page)
      await session.send('HeapProfiler.collectGarbage')
      const { usedSize } = await session.send('Runtime.getHeapUsage')
      await session.detach()
      return usedSize / 1_048_576
    },
    close: browser.close,
  }
}

/**
 * A browser profile in which the app has so many conversations. Its relay is gone once it is filled: the app is opened
 * without a network. Throws `PeerMissing` where there is no Chromium.
 * @param {{ conversations: number, messages: number, others: number }} size
 */
const fillProfile = async (profile, size) => {
  const browser = createBrowser(profile)
  const { startTestRelay } = await built('relay/dist/testing.js')
  const relay = await startTestRelay()
  const server = await serve(relay.url)
  const url = `http://127.0.0.1:${server.address().port}/`
  try {
    const newcomer = await browser.start()
    await newcomer.goto(url)
    await begin(newcomer, relay)
    const page = await browser.start()
    await relay.close()
    await page.goto(`${url}gallery.html`)
    await page.addScriptTag({ url: `${url}fill.js`, type: 'module' })
    await page.waitForFunction(() => 'fill' in globalThis)
    await page.evaluate((given) => globalThis.fill(given), size)
  } finally {
    await browser.close()
  }
  return { url, close: () => server.close() }
}

export const createWorld = async (size) => {
  const profile = mkdtempSync(join(tmpdir(), 'dchat-bench-'))
  const { url, close } = await fillProfile(profile, size)
  const world = openWorld(profile, url, size)
  return {
    ...world,
    close: async () => {
      await world.close()
      close()
      rmSync(profile, { recursive: true, force: true })
    },
  }
}
