import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { build } from 'esbuild'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { chromiumArgs, findChromium, NO_CHROMIUM } from '../../../../scripts/lib/chromium.mjs'
import { pagesOf } from '../../src/core/pages.ts'
import type {} from './page.ts'

const executablePath = findChromium()
if (executablePath === undefined) process.stderr.write(`Skipped: the browser as a host: ${NO_CHROMIUM}.\n`)

const dist = join(import.meta.dirname, '../../dist/renderer')
const INVITE = 'dchat:dchat1abc?r=wss%3A%2F%2Frelay.example'

const bundle = async (): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'page.ts')],
    bundle: true,
    format: 'esm',
    define: { 'import.meta.env.PROD': 'true' },
    write: false,
    logLevel: 'error',
  })
  return outputFiles[0]?.text ?? ''
}

describe.skipIf(executablePath === undefined)('the browser as a host', () => {
  const extra: Record<string, string> = {
    'host.html': '<!doctype html><title>host</title><script type="module" src="host.js"></script>',
    'suggestions.json': JSON.stringify({ relays: [{ url: 'ws://127.0.0.1:7464', name: 'Here' }] }),
  }
  let server: Server
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let url = ''

  const openPage = async (path = 'host.html'): Promise<Page> => {
    const opened = await context.newPage()
    await opened.goto(`${url}${path}`)
    await opened.waitForFunction(() => globalThis.host !== undefined)
    return opened
  }

  beforeAll(async () => {
    extra['host.js'] = await bundle()
    const answer = pagesOf(dist, extra)
    server = createServer(async (request, response) => {
      const { status, headers, body } = await answer('GET', new URL(request.url ?? '/', 'http://page').pathname)
      response.writeHead(status, { ...headers }).end(body)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    browser = await chromium.launch({ ...(executablePath && { executablePath }), args: chromiumArgs() })
  })
  beforeEach(async () => {
    await context?.close()
    context = await browser.newContext()
    page = await openPage()
  })
  afterAll(async () => {
    await browser.close()
    server.closeAllConnections()
    server.close()
  })

  test('locks secrets to this profile, under a key that nobody can read', async () => {
    const lock = () => page.evaluate(async () => [...(await host.secrets.wrap(Uint8Array.of(1, 2, 3)))])
    const wrapped = await lock()
    expect(await lock()).not.toEqual(wrapped)
    const other = await openPage()
    const open = (bytes: number[]) =>
      other.evaluate(async (list) => [...(await host.secrets.unwrap(Uint8Array.from(list)))], bytes)
    expect(await open(wrapped)).toEqual([1, 2, 3])
    await expect(open(wrapped.with(20, (wrapped[20] ?? 0) ^ 1))).rejects.toThrow('did not lock it')
    const extractable = await page.evaluate(async () => {
      const request = indexedDB.open('dchat-secrets')
      await new Promise((resolve) => request.addEventListener('success', resolve))
      const rows = request.result.transaction('keys').objectStore('keys').getAll()
      await new Promise((resolve) => rows.addEventListener('success', resolve))
      return (rows.result as { key: CryptoKey }[]).map(({ key }) => key.extractable)
    })
    expect(extractable).toEqual([false])
  })

  test('takes an invite out of the address, then and later', async () => {
    const heard = await openPage(`host.html#${INVITE}`)
    const listen = () =>
      heard.evaluate(() => {
        const invites: string[] = []
        host.links.onInvite((invite) => invites.push(invite))
        Object.assign(globalThis, { invites })
      })
    expect(await heard.evaluate(() => location.hash)).toBe('')
    await listen()
    await heard.evaluate((invite) => {
      location.hash = encodeURIComponent(invite)
    }, `${INVITE}2`)
    const invites = await heard.waitForFunction(() => {
      const list = (globalThis as unknown as { invites: string[] }).invites
      return list.length > 1 ? list : undefined
    })
    expect(await invites.jsonValue()).toEqual([INVITE, `${INVITE}2`])
    expect(await heard.evaluate(() => location.hash)).toBe('')
  })

  test('saves as a download where there is no dialog, and opens what was chosen', async () => {
    const [download, saved] = await Promise.all([
      page.waitForEvent('download'),
      page.evaluate(async () => {
        Reflect.deleteProperty(globalThis, 'showSaveFilePicker')
        const chunks = async function* () {
          yield new TextEncoder().encode('one ')
          yield new TextEncoder().encode('two')
        }
        return host.files.save('notes.txt', chunks(), 'text/plain')
      }),
    ])
    expect([saved, download.suggestedFilename()]).toEqual([true, 'notes.txt'])
    expect(readFileSync(await download.path(), 'utf8')).toBe('one two')
    const [chooser, read] = await Promise.all([
      page
        .waitForEvent('filechooser')
        .then((each) => each.setFiles({ name: 'a.json', mimeType: 'application/json', buffer: Buffer.from('{}') })),
      page.evaluate(async () => {
        const file = await host.files.open('.json')
        let text = ''
        for (let round = 0; round < 2; round += 1)
          for await (const part of file?.chunks() ?? []) text += new TextDecoder().decode(part)
        return [file?.name, file?.size, text]
      }),
    ])
    expect([chooser, read]).toEqual([undefined, ['a.json', 2, '{}{}']])
  })

  test('prints a page whose scripts do not run', async () => {
    await context.addInitScript(() => {
      window.print = () => {
        Object.assign(top ?? {}, {
          printed: document.querySelector('p')?.textContent,
          colour: getComputedStyle(document.body).color,
        })
        window.dispatchEvent(new Event('afterprint'))
      }
    })
    const printing = await openPage()
    const html = `<html><head><style>body { color: rgb(1, 2, 3) }</style></head><body><p>Receipt</p>
      <script>top.ran = 1</script><img src="x" onerror="top.ran = 2"></body></html>`
    const result = await printing.evaluate(async (text) => {
      await host.files.print(text)
      const { printed, colour, ran } = globalThis as unknown as Record<string, unknown>
      return { printed, colour, ran, frames: document.querySelectorAll('iframe').length }
    }, html)
    expect(result).toEqual({ printed: 'Receipt', colour: 'rgb(1, 2, 3)', frames: 0 })
  })

  test('opens links to the web in a page of their own, and no others', async () => {
    const opened = context.waitForEvent('page')
    await page.evaluate((address) => {
      host.links.open('javascript:document.title = "bad"')
      host.links.open(address)
    }, `${url}print.html`)
    const other = await opened
    await other.waitForURL(`${url}print.html`)
    expect(await other.evaluate(() => window.opener)).toBeNull()
    expect([context.pages().length, await page.title()]).toEqual([2, 'host'])
  })

  test('knows what is suggested, who notifies, and that a badge may be missing', async () => {
    const told = await page.evaluate(async () => {
      host.setBadge(3)
      host.setBadge(0)
      host.notifications.show({ id: 'a', title: 'a', body: 'b' })
      host.notifications.clear('a')
      return { suggestions: await host.suggestions(), state: await host.notifications.state() }
    })
    expect(told.suggestions).toEqual({ relays: [{ url: 'ws://127.0.0.1:7464', name: 'Here' }] })
    expect(['ask', 'denied']).toContain(told.state)
  })

  test('opens the app without a network, once it was here; a new version waits until it is wanted', async () => {
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready
    })
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
    await context.setOffline(true)
    const app = await context.newPage()
    await app.goto(url)
    await app.getByLabel('Your name').waitFor()
    await context.setOffline(false)
    expect(await page.evaluate(() => host.updates.state())).toBe('none')
    const worker = readFileSync(join(dist, 'service-worker.js'), 'utf8')
    extra['service-worker.js'] = worker.replace(/"version":"\w+"/, '"version":"another"')
    await expect.poll(() => page.evaluate(() => host.updates.state())).toBe('ready')
    await app.close()
    await Promise.all([page.waitForEvent('load'), page.evaluate(() => host.updates.install())])
    await page.waitForFunction(() => globalThis.host !== undefined)
    expect(await page.evaluate(() => caches.keys())).toEqual(['dchat-files-another'])
  })
})
