import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import { createRelay } from '../../../relay/src/index.ts'
import { type Address, type ConversationId, createClient, createIdentity } from '../../src/index.ts'
import type { Report } from './pages/tabs/tab.ts'
import { openPlainBrowser } from './plain-browser.ts'
import { describeInChromium, openSite, temporaryFolder } from './support.ts'
import { ask, askWorker, openPages, until } from './tabs-support.ts'

const STORE = 'tabs'

/** A relay, a browser with pages of the site, and a person elsewhere whom they write to. */
const stage = async () => {
  const relay = await createRelay()
  const site = await openSite('tabs')
  const profile = await temporaryFolder()
  const plain = await openPlainBrowser(profile.path)
  const browser = plain.context
  const heard: { readonly page: Page; readonly from: string; readonly report: Report }[] = []
  const newPage = await openPages(browser, site.url, (page, from, report) => heard.push({ page, from, report }))
  const peer = await createClient({
    identity: createIdentity(),
    relays: [relay.url],
    store: ':memory:',
    strangers: 'allow',
  })
  await peer.connect()
  const received: string[] = []
  const reading = async () => {
    for await (const { content } of peer.messages.stream()) if (content.type === 'text') received.push(content.text)
  }
  void reading()
  return {
    relay,
    newPage,
    received,
    say: async (to: Address, text: string) => {
      await (await peer.conversations.dm(to)).send(text)
    },
    peer: peer.address,
    /** Who has a connection to the relay: a page, or the worker of one. */
    owners: () => {
      const online = new Map<string, { page: Page; from: string }>()
      const keys: Page[] = []
      for (const { page, from, report } of heard) {
        if (!keys.includes(page)) keys.push(page)
        const key = `${keys.indexOf(page)} ${from}`
        if (report.type === 'online') online.set(key, { page, from })
        if (report.type === 'offline') online.delete(key)
      }
      return [...online.values()]
    },
    texts: (page: Page, from: string) =>
      heard.flatMap((each) =>
        each.page === page && each.from === from && each.report.type === 'read' ? [each.report.text] : [],
      ),
    failures: () => heard.flatMap(({ report }) => (report.type === 'failed' ? [report.error] : [])),
    [Symbol.asyncDispose]: async () => {
      await plain[Symbol.asyncDispose]()
      await peer.close()
      await site.close()
      await relay.close()
      await profile[Symbol.asyncDispose]()
    },
  }
}

describeInChromium('tabs and workers of one identity', () => {
  test('a worker works through a tab, takes over when it closes, and the next tab when the worker ends', async () => {
    await using it = await stage()
    const first = await it.newPage()
    const second = await it.newPage()
    const { address } = await ask(first, 'create', STORE, it.relay.url)
    const chat = await ask(first, 'dm', it.peer)
    await second.evaluate(() => (globalThis as unknown as { startWorker(): void }).startWorker())
    expect(await askWorker(second, 'open', STORE, true)).toEqual({ address })
    expect(await ask(second, 'open', STORE, true)).toEqual({ address })
    await askWorker(second, 'read', 'worker', true)
    await askWorker(second, 'send', chat, 'from the worker')
    await until(
      () => it.received.includes('from the worker'),
      () => it.received,
    )
    await it.say(address, 'one')
    await until(
      () => it.texts(second, 'worker').length === 1,
      () => it.texts(second, 'worker'),
    )

    // The worker stands first in the line.
    await first.close({ runBeforeUnload: false })
    await until(
      () => it.owners().some(({ page, from }) => page === second && from === 'worker'),
      () => it.owners().map(({ from }) => from),
    )
    await ask(second, 'send', chat, 'through the worker')
    await it.say(address, 'two')
    await until(
      () => it.texts(second, 'worker').length === 2,
      () => it.texts(second, 'worker'),
    )
    await second.evaluate(() => (globalThis as unknown as { end(): void }).end())
    await ask(second, 'send', chat, 'without the worker')
    await until(
      () => it.received.length === 3,
      () => it.received,
    )
    expect(it.received).toEqual(['from the worker', 'through the worker', 'without the worker'])
    expect(it.texts(second, 'worker')).toEqual(['one', 'two'])
    expect(await ask(second, 'list', chat)).toEqual([
      'from the worker',
      'one',
      'through the worker',
      'two',
      'without the worker',
    ])
    expect(it.failures()).toEqual([])
  })

  test('a page that freezes lets another one work, and goes on without a gap when it resumes', {
    timeout: 150_000,
    retry: 2,
  }, async () => {
    await using it = await stage()
    const first = await it.newPage()
    const second = await it.newPage()
    const { address } = await ask(first, 'create', STORE, it.relay.url)
    const chat: ConversationId = await ask(first, 'dm', it.peer)
    await ask(second, 'open', STORE, true)
    await ask(first, 'read', 'first', true)
    await ask(second, 'read', 'second', true)
    await ask(first, 'send', chat, 'from the first')
    await it.say(address, 'one')
    await until(
      () => it.texts(first, 'page').length === 1 && it.texts(second, 'page').length === 1,
      () => [it.texts(first, 'page'), it.texts(second, 'page')],
    )

    // A browser does not freeze a page in the middle of a transaction, the protocol of its tools does: reports are out by now.
    await new Promise((resolve) => setTimeout(resolve, 8_000))
    const session = await first.context().newCDPSession(first)
    await session.send('Page.setWebLifecycleState', { state: 'frozen' })
    await until(
      () => it.owners().some(({ page }) => page === second),
      () => it.owners().length,
    )
    await ask(second, 'send', chat, 'from the second')
    await it.say(address, 'two')
    await until(
      () => it.texts(second, 'page').length === 2,
      () => it.texts(second, 'page'),
    )
    expect(it.texts(first, 'page')).toEqual(['one'])

    await session.send('Page.setWebLifecycleState', { state: 'active' })
    await until(
      () => it.texts(first, 'page').length === 2,
      () => it.texts(first, 'page'),
    )
    await ask(first, 'send', chat, 'the first again')
    await until(
      () => it.received.length === 3,
      () => it.received,
    )
    expect(it.received).toEqual(['from the first', 'from the second', 'the first again'])
    expect(it.texts(first, 'page')).toEqual(['one', 'two'])
    expect(it.owners().map(({ page }) => page)).toEqual([second])
    expect(it.failures()).toEqual([])
  })

  // Half a minute of real silence: the soak has it, and test/client/shared has it with a clock of its own.
  if (process.env.DCHAT_TABS_SECONDS !== undefined)
    test('a page that hangs loses the store to one that waits, and works through it when it wakes', async () => {
      await using it = await stage()
      const first = await it.newPage()
      const second = await it.newPage()
      await ask(first, 'create', STORE, it.relay.url)
      const chat = await ask(first, 'dm', it.peer)
      await ask(second, 'open', STORE, true)
      await ask(second, 'send', chat, 'one')
      await first.evaluate((ms) => {
        setTimeout(() => {
          for (const end = Date.now() + ms; Date.now() < end; );
        }, 0)
      }, 30_000)
      await ask(second, 'send', chat, 'two')
      expect(it.owners().map(({ page }) => page)).toContain(second)
      await ask(first, 'send', chat, 'three')
      await until(
        () => it.received.length === 3 && it.owners().length === 1,
        () => [it.received, it.owners().length],
      )
      expect(it.received).toEqual(['one', 'two', 'three'])
      expect(it.owners().map(({ page }) => page)).toEqual([second])
      expect(it.failures()).toEqual([])
    })
})
