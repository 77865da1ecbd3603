import { startTestRelay, type TestRelay } from '@dchat/relay/testing'
import type { BrowserContext, Page } from 'playwright'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  addressOf,
  composer,
  describeApp,
  hasState,
  message,
  onMessage,
  openApp,
  soon,
  write,
  writeTo,
} from './support.ts'

const HOUR = 3_600_000

/** Puts the clock of a page; call it before the page is opened. */
const putClock = (page: Page, ahead: number): Promise<unknown> =>
  page.addInitScript((ms) => {
    const Real = Date
    const now = (): number => Real.now() + ms
    globalThis.Date = new Proxy(Real, {
      construct: (target, given) => Reflect.construct(target, given.length === 0 ? [now()] : given),
      get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
    })
  }, ahead)

/** Runs in a page: writes until nothing more goes in. */
const fillDisk = async (): Promise<void> => {
  const asked = indexedDB.open('ballast')
  asked.onupgradeneeded = () => asked.result.createObjectStore('bytes', { autoIncrement: true })
  const database = await new Promise<IDBDatabase>((resolve) => {
    asked.onsuccess = () => resolve(asked.result)
  })
  const fits = (size: number): Promise<boolean> =>
    new Promise((resolve) => {
      const tx = database.transaction('bytes', 'readwrite')
      tx.oncomplete = () => resolve(true)
      tx.onabort = () => resolve(false)
      tx.objectStore('bytes').add(crypto.getRandomValues(new Uint8Array(size)))
    })
  for (let size = 60_000; size > 100; size = Math.floor(size / 8)) while (await fits(size));
}

/** The tab dies where it stands: nothing in it is asked, and nothing runs to an end. */
const kill = async (page: Page): Promise<void> => {
  const devtools = await page.context().newCDPSession(page)
  const crashed = page.waitForEvent('crash')
  void devtools.send('Page.crash').catch(() => undefined)
  await crashed
  await page.close()
}

describeApp('in trouble', () => {
  let relay: TestRelay
  let app: Awaited<ReturnType<typeof openApp>>
  let context: BrowserContext
  let ann: Page
  let bob: Page
  /** Gives the app in Ann's profile so many bytes more than it has. */
  let leave: (bytes: number) => Promise<void>

  beforeAll(async () => {
    relay = await startTestRelay()
    app = await openApp(relay.url)
    ;[ann, bob] = await Promise.all([app.person('Ann'), app.person('Bob')])
    context = ann.context()
    const { origin } = new URL(app.url)
    const devtools = await context.newCDPSession(await context.newPage())
    leave = async (bytes) => {
      const { usage } = await devtools.send('Storage.getUsageAndQuota', { origin })
      await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: usage + bytes })
    }
    await leave(20_000_000)
    await writeTo(ann, await addressOf(bob))
    await write(ann, 'Hello Bob')
    await bob.getByRole('button', { name: 'Allow' }).click()
    await message(bob, 'Hello Bob').waitFor()
    await write(bob, 'Hello Ann')
    await message(ann, 'Hello Ann').waitFor()
  })
  afterAll(async () => {
    await app.close()
    await relay.close()
  })

  const row = (page: Page, name: string) =>
    page.getByRole('list', { name: 'Conversations' }).getByRole('button', { name: new RegExp(name) })

  /** A tab of Ann's profile. */
  const openTab = async (prepare?: (tab: Page) => Promise<unknown>): Promise<Page> => {
    const tab = await app.tab(context, prepare)
    await row(tab, 'Bob').waitFor()
    return tab
  }
  const openChat = async (prepare?: (tab: Page) => Promise<unknown>): Promise<Page> => {
    const tab = await openTab(prepare)
    await row(tab, 'Bob').click()
    // The first words may be far above by now, and are not drawn then.
    await tab.getByRole('log').getByRole('article').last().waitFor()
    return tab
  }

  test('a second window shows the same, both can write, and they have one draft', async () => {
    const second = await openChat()
    await composer(second).fill('half a sen')
    await soon(() => composer(ann).inputValue()).toBe('half a sen')
    await composer(second).fill('')
    await soon(() => composer(ann).inputValue()).toBe('')
    await write(second, 'from the second window')
    await message(ann, 'from the second window').waitFor()
    await write(ann, 'from the first window')
    await message(second, 'from the first window').waitFor()
    for (const text of ['from the first window', 'from the second window']) {
      await hasState(second, text, 'read')
      await hasState(ann, text, 'read')
      for (const page of [ann, second, bob]) expect(await message(page, text).count()).toBe(1)
    }
    await second.close()
  })

  test('a second window goes on alone when the one that did the work is killed', async () => {
    const second = await openChat()
    await write(bob, 'read in one window')
    await hasState(bob, 'read in one window', 'read')
    await kill(ann)
    ann = second
    await write(ann, 'still here')
    await message(bob, 'still here').waitFor()
    await hasState(ann, 'still here', 'read')
    expect(await ann.getByText('New messages').count()).toBe(0)
  })

  test('a tab killed while somebody writes: the words are in the field again', async () => {
    const witness = await openTab()
    await composer(ann).fill('I was about to say')
    // It is kept once another window knows it.
    await row(witness, 'Bob').getByText('I was about to say').waitFor()
    await witness.close()
    await kill(ann)
    ann = await openChat()
    expect(await composer(ann).inputValue()).toBe('I was about to say')
    await composer(ann).fill('')
  })

  test('a tab killed while the network is cut: what waited is there, goes out once, and what was done is seen', async () => {
    await relay.stop()
    await ann.getByText('Messages go out when the connection is back').waitFor()
    await write(ann, 'written without a network')
    await message(ann, 'written without a network').getByText('Waiting to be sent').waitFor({ state: 'attached' })
    await onMessage(ann, 'still here', 'e')
    await ann.getByRole('button', { name: 'React with 👍' }).click()
    await message(ann, 'still here').getByRole('button', { name: '👍 You' }).waitFor()
    // It is kept once another window knows it.
    const witness = await openChat()
    await message(witness, 'still here').getByRole('button', { name: '👍 You' }).waitFor()
    await witness.close()
    await kill(ann)
    ann = await openChat()
    await message(ann, 'written without a network').getByText('Waiting to be sent').waitFor({ state: 'attached' })
    await message(ann, 'still here').getByRole('button', { name: '👍 You' }).waitFor()
    await message(ann, 'still here').getByText('Your change waits to be sent').waitFor({ state: 'attached' })
    await relay.start()
    await message(bob, 'written without a network').waitFor()
    await message(bob, 'still here').getByRole('button', { name: '👍 Ann' }).waitFor()
    await hasState(ann, 'written without a network', 'read')
    await message(ann, 'still here').getByText('Your change waits').waitFor({ state: 'detached' })
    for (const page of [ann, bob]) expect(await message(page, 'written without a network').count()).toBe(1)
  })

  test('a tab killed between a message and its receipt: the message is there once, at both ends', async () => {
    await ann.close()
    let isDeaf = false
    ann = await openChat((tab) =>
      tab.routeWebSocket(/./, (page) => {
        const server = page.connectToServer()
        page.onMessage((frame) => server.send(frame))
        server.onMessage((frame) => {
          if (!isDeaf) page.send(frame)
        })
      }),
    )
    await hasState(ann, 'written without a network', 'read')
    isDeaf = true
    await write(ann, 'sent and not confirmed')
    await message(bob, 'sent and not confirmed').waitFor()
    await message(ann, 'sent and not confirmed').getByText('Waiting to be sent').waitFor({ state: 'attached' })
    await kill(ann)
    ann = await openChat()
    await hasState(ann, 'sent and not confirmed', 'read')
    for (const page of [ann, bob]) expect(await message(page, 'sent and not confirmed').count()).toBe(1)
  })

  test('no room on the disk is told in words; nothing is lost, and it goes on when there is room', async () => {
    // Chromium remembers for half a minute how much room there was and lets that much in, whatever is left.
    await ann.close()
    await leave(600_000)
    ann = await openChat()
    await ann.evaluate(fillDisk)
    await write(ann, 'too much for this disk')
    const told = ann.getByRole('alert').filter({ hasText: 'There is no room left' })
    await told.waitFor()
    await soon(() => composer(ann).inputValue()).toBe('too much for this disk')
    await write(bob, 'written meanwhile')
    await leave(20_000_000)
    const isTold = async () => {
      if (await told.isVisible()) await told.getByRole('button', { name: 'Look again' }).click()
      return told.isVisible()
    }
    await soon(isTold).toBe(false)
    await message(ann, 'written meanwhile').waitFor()
    await composer(ann).press('Enter')
    await message(bob, 'too much for this disk').waitFor()
    await hasState(ann, 'too much for this disk', 'read')
    for (const page of [ann, bob]) expect(await message(page, 'too much for this disk').count()).toBe(1)
  })

  test.each([
    [3, '3 hours ahead'],
    [-50, '2 days behind'],
  ])(
    'a clock that is %i hours off is told in words, and messages and offers go by the true time',
    async (hours, words) => {
      await ann.close()
      ann = await openChat((tab) => putClock(tab, hours * HOUR))
      await ann.getByText(`The clock of this device is ${words}.`).waitFor()
      const text = `written ${words}`
      await write(ann, text)
      await message(bob, text).waitFor()
      await hasState(ann, text, 'read')
      await bob.getByRole('button', { name: 'Add', exact: true }).click()
      await bob.getByRole('menuitem', { name: 'Make an offer' }).click()
      const form = bob.getByRole('form', { name: 'New offer' })
      await form.getByLabel('What', { exact: true }).fill(`Lamp ${words}`)
      await form.getByLabel('Total').fill('20')
      await form.getByLabel('Time to answer').click()
      await bob.getByRole('option', { name: '1 hour' }).click()
      await form.getByRole('button', { name: 'Send offer' }).click()
      const card = (page: Page) =>
        page
          .getByRole('log')
          .getByRole('article', { name: `Offer: Lamp ${words}` })
          .last()
      await card(ann)
        .getByText(/^\d+ min left$/)
        .waitFor()
      await card(ann).getByRole('button', { name: 'Accept' }).click()
      await ann.getByRole('button', { name: 'Accept 20.00 EUR' }).click()
      for (const page of [ann, bob]) await card(page).getByText('Agreed', { exact: true }).waitFor()
      // It stands where it was written, between the messages of today.
      expect(await message(bob, text).count()).toBe(1)
    },
  )

  test('files that are pasted or dropped are not lost without a word', async () => {
    const give = (type: 'paste' | 'drop') =>
      composer(ann).evaluate((area, name) => {
        const data = new DataTransfer()
        data.items.add(new File(['%PDF'], 'invoice.pdf', { type: 'application/pdf' }))
        const init = { bubbles: true, cancelable: true }
        const event =
          name === 'paste'
            ? new ClipboardEvent(name, { ...init, clipboardData: data })
            : new DragEvent(name, { ...init, dataTransfer: data })
        return area.dispatchEvent(event)
      }, type)
    for (const type of ['paste', 'drop'] as const) {
      expect(await give(type), type).toBe(false)
      await ann.getByText('Files and pictures cannot be sent yet.').first().waitFor()
    }
  })

  test('no page complained', () => expect(app.complaints).toEqual([]))
})
