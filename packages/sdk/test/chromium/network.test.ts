import type { BrowserContext } from 'playwright'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestRelay } from '../../../relay/src/testing.ts'
import { createClient, createIdentity } from '../../src/index.ts'
import type { NetworkPage, Stage } from './pages/network/page.ts'
import { caller, describeInChromium, openBrowser, openSite, temporaryFolder } from './support.ts'

const ask = caller<NetworkPage>('network')

/** The machine may be busy; what is waited for comes, or never. */
const PATIENT = { timeout: 60_000 }

describeInChromium('a page and its network', () => {
  let profile: Awaited<ReturnType<typeof temporaryFolder>>
  let site: Awaited<ReturnType<typeof openSite>>
  let browser: BrowserContext
  beforeAll(async () => {
    site = await openSite('network')
    profile = await temporaryFolder()
    browser = await openBrowser(profile.path, { backForwardCache: true })
  })
  afterAll(async () => {
    await browser.close()
    await site.close()
    await profile[Symbol.asyncDispose]()
  })

  test('what the browser tells arrives, in a page and in a worker', async () => {
    const page = await browser.newPage()
    await page.goto(site.url)
    const seen = () => ask(page, 'seen')
    await browser.setOffline(true)
    await expect.poll(seen, PATIENT).toMatchObject({ online: false, told: ['offline'] })
    await browser.setOffline(false)
    await expect.poll(seen, PATIENT).toMatchObject({ online: true, told: ['offline', 'online'] })
    await ask(page, 'tellWorker', 'offline')
    await ask(page, 'tellWorker', 'online')
    await expect.poll(seen, PATIENT).toMatchObject({ toldWorker: ['offline', 'online'] })
    // A page of another site comes in front, and the browser keeps this one as it is.
    await page.goto(site.url.replace('127.0.0.1', 'localhost'))
    await page.evaluate('history.back()').catch(() => undefined)
    await expect.poll(seen, PATIENT).toMatchObject({ told: ['offline', 'online', 'freeze', 'resume', 'visible'] })
    await page.close()
  })

  test('who talks while the network is cut is heard once and in order, as soon as it is back', async () => {
    await using relay = await startTestRelay()
    const bob = await createClient({
      identity: createIdentity(),
      relays: [relay.url],
      store: ':memory:',
      strangers: 'allow',
    })
    await bob.connect()
    const page = await browser.newPage()
    await page.goto(site.url)
    const alice = await ask(page, 'begin', relay.url, bob.address)
    const heard: string[] = []
    const listening = (async () => {
      for await (const { content } of bob.messages.stream()) if (content.type === 'text') heard.push(content.text)
    })()
    const chat = await bob.conversations.dm(alice)
    await chat.send('hello from outside', { wait: 'sent', timeout: 60_000 })
    await expect.poll(async () => (await ask(page, 'seen')).received, PATIENT).toEqual(['hello from outside'])

    await browser.setOffline(true)
    const texts = (who: string) => Array.from({ length: 10 }, (_, index) => `${who} ${index}`)
    for (const [index, text] of texts('page').entries()) {
      await ask(page, 'send', text)
      await chat.send(texts('outside')[index] as string)
    }
    const last = async () => (await ask(page, 'seen')).stages.at(-1) as Stage
    await expect.poll(last, PATIENT).toMatchObject({ state: 'waiting', reason: 'offline' })
    expect((await ask(page, 'seen')).received).toEqual(['hello from outside'])
    expect(heard).toEqual(['hello from the page'])

    const { retryAt } = await last()
    await browser.setOffline(false)
    await expect.poll(() => heard, PATIENT).toEqual(['hello from the page', ...texts('page')])
    await expect
      .poll(async () => (await ask(page, 'seen')).received, PATIENT)
      .toEqual(['hello from outside', ...texts('outside')])
    // Nobody waited for the pause to be over.
    const { stages } = await ask(page, 'seen')
    const again = stages.findLast(({ state }) => state === 'connecting') as Stage
    expect(again.at).toBeLessThan(retryAt as number)
    expect(stages.at(-1)?.state).toBe('ready')
    await ask(page, 'close')
    await bob.close()
    await listening
    expect(heard).toHaveLength(11)
  })
})
