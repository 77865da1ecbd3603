import { argon2id as nobleArgon2id } from '@noble/hashes/argon2.js'
import type { BrowserContext } from 'playwright'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { toHex, utf8 } from '../../src/util/bytes.ts'
import { describeInChromium, openBrowser, openSite, temporaryFolder } from './support.ts'

interface Outcome {
  readonly hash?: string
  readonly error?: string
}

const SMALL = { memory: 256, passes: 2 }
const hashOf = ({ memory, passes }: typeof SMALL) =>
  toHex(nobleArgon2id(utf8('correct horse'), new Uint8Array(16).fill(5), { m: memory, t: passes, p: 1, dkLen: 32 }))

const NOTE = `{ const make = WebAssembly.instantiate
  WebAssembly.instantiate = (...module) => { console.log('WebAssembly'); return make(...module) } };
`

describeInChromium('argon2id in a page', () => {
  let profile: Awaited<ReturnType<typeof temporaryFolder>>
  let browser: BrowserContext
  let site: Awaited<ReturnType<typeof openSite>>
  beforeAll(async () => {
    site = await openSite('crypto')
    profile = await temporaryFolder()
    browser = await openBrowser(profile.path)
  })
  afterAll(async () => {
    await browser.close()
    await site.close()
    await profile[Symbol.asyncDispose]()
  })

  /**
   * Opens the page under a policy and runs argon2id. `how` says what computed it, told by a line before each script
   * that notes the WebAssembly modules that are made; `where`, which thread: the page loads the code only to compute.
   */
  const run = async (policy: string, { worker = (script: string) => script, cost = SMALL } = {}) => {
    const page = await browser.newPage()
    const told: string[] = []
    const loaded: string[] = []
    page.on('console', (message) => told.push(message.text()))
    await page.route('**/*', async (route) => {
      const name = new URL(route.request().url()).pathname
      loaded.push(name)
      const response = await route.fetch()
      const headers = { ...response.headers(), ...(policy !== '' && { 'content-security-policy': policy }) }
      const body = `${name.endsWith('.js') ? NOTE : ''}${await response.text()}`
      await route.fulfill({ response, headers, body: name.includes('/argon2-worker') ? worker(body) : body })
    })
    await page.goto(site.url)
    await page.waitForFunction('globalThis.dchat')
    const outcome = (await page.evaluate(`dchat.argon2id(${cost.memory}, ${cost.passes})`)) as Outcome
    await page.close()
    return {
      ...outcome,
      how: told.includes('WebAssembly') ? 'WebAssembly' : 'JavaScript',
      where: loaded.some((name) => name.includes('/argon2-') && !name.includes('/argon2-worker')) ? 'page' : 'worker',
      asked: loaded.some((name) => name.includes('/argon2-worker')),
    }
  }

  test.each([
    ['no policy', '', 'WebAssembly', 'worker'],
    ['WebAssembly by name', "script-src 'self' 'wasm-unsafe-eval'", 'WebAssembly', 'worker'],
    ['scripts of its own only', "default-src 'none'; script-src 'self'", 'JavaScript', 'worker'],
    ['no workers', "script-src 'self' 'wasm-unsafe-eval'; worker-src 'none'", 'WebAssembly', 'page'],
    ['neither', "default-src 'none'; script-src 'self'; worker-src 'none'", 'JavaScript', 'page'],
    ['trusted types', "script-src 'self'; require-trusted-types-for 'script'", 'JavaScript', 'page'],
  ])('with %s', async (_name, policy, how, where) => {
    expect(await run(policy)).toMatchObject({ hash: hashOf(SMALL), how, where, asked: where === 'worker' })
  })

  test('a file of the worker that is another one leaves the work to the page', async () => {
    const got = await run('', { worker: () => '<!doctype html>' })
    expect(got).toMatchObject({ hash: hashOf(SMALL), where: 'page', asked: true })
  })

  test('memory that is not there is crypto/out-of-memory, and the page does not try it too', async () => {
    const full = "WebAssembly.instantiate = () => { throw new RangeError('Cannot allocate Wasm memory') };\n"
    const got = await run('', { worker: (script) => script.replace(NOTE, full) })
    expect(got).toMatchObject({ error: 'crypto/out-of-memory', where: 'worker' })
  })

  test('a cost that is none is refused', async () => {
    expect(await run('', { cost: { memory: 7, passes: 1 } })).toMatchObject({ error: 'usage/invalid-argument' })
  })
})
