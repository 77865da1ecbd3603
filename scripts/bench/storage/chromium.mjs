import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { chromium } from 'playwright'
import { chromiumArgs, findChromium, NO_CHROMIUM } from '../../lib/chromium.mjs'
import { PeerMissing } from '../runner.mjs'

/** With these a page's clock tells microseconds; without them a tenth of a millisecond. */
const HEADERS = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
}

const bundle = async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('page.mjs', import.meta.url))],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['browser'],
    minify: true,
    write: false,
    logLevel: 'error',
  })
  return outputFiles[0].text
}

const serve = async (script) => {
  const server = createServer(({ url }, response) => {
    if (url === '/page.js') response.writeHead(200, { ...HEADERS, 'content-type': 'text/javascript' }).end(script)
    else if (url === '/')
      response
        .writeHead(200, { ...HEADERS, 'content-type': 'text/html' })
        .end('<!doctype html><title>bench</title><script type="module" src="page.js"></script>')
    else response.writeHead(404).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

/**
 * A page of this machine's Chromium, without a window, over a new profile on disk; closing it takes the profile away.
 * Throws `PeerMissing` where there is no Chromium.
 */
export const openPage = async () => {
  const executablePath = findChromium()
  if (executablePath === undefined) throw new PeerMissing(NO_CHROMIUM)
  const profile = mkdtempSync(join(tmpdir(), 'dchat-bench-'))
  const server = await serve(await bundle())
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: chromiumArgs(),
    headless: true,
  })
  const page = await browser.newPage()
  await page.goto(`http://127.0.0.1:${server.address().port}/`)
  await page.waitForFunction(() => 'bench' in globalThis)
  return {
    open: (count) => page.evaluate((size) => globalThis.bench.open(size), count),
    measure: (...args) => page.evaluate((given) => globalThis.bench.measure(...given), args),
    close: async () => {
      await browser.close()
      server.close()
      rmSync(profile, { recursive: true, force: true })
    },
  }
}
