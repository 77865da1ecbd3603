import { startTestRelay, type TestRelay } from '@dchat/relay/testing'
import type { Page } from 'playwright'
import { afterAll, beforeAll, test } from 'vitest'
import { furnish } from '../app/friends.ts'
import { composer, describeApp, openApp } from '../app/support.ts'
import { shoot } from './shoot.ts'

/** Puts the clock of a page two hours ahead; call it before the page is opened. */
const putClockAhead = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    const Real = Date
    const now = (): number => Real.now() + 7_200_000
    globalThis.Date = new Proxy(Real, {
      construct: (target, given) => Reflect.construct(target, given.length === 0 ? [now()] : given),
      get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
    })
  })

describeApp('pictures of what is in the way, and of two devices at once', () => {
  let relay: TestRelay
  let app: Awaited<ReturnType<typeof openApp>>
  let friends: Awaited<ReturnType<typeof furnish>>
  let page: Page

  beforeAll(async () => {
    relay = await startTestRelay()
    app = await openApp(relay.url)
    page = await app.person('Alice')
    friends = await furnish(page, relay.url)
  }, 300_000)
  afterAll(async () => {
    await friends?.close()
    await app.close()
    await relay.close()
  })

  const openChat = async (on: Page, name: RegExp): Promise<void> => {
    await on.getByRole('list', { name: 'Conversations' }).getByRole('button', { name }).click()
    await composer(on).waitFor()
  }

  test('of the pointer on an offer', async () => {
    await openChat(page, /Bob/)
    const card = page.getByRole('article', { name: /^Offer: Brass lamp/ })
    await shoot(page, 'offer-pointer', { point: () => card.hover({ position: { x: 40, y: 40 } }) })
  })

  test('of linking, on both sides', async () => {
    const phone = await app.newcomer({ viewport: { width: 390, height: 844 } })
    await phone.getByRole('button', { name: 'Link to another device' }).click()
    await phone.getByRole('button', { name: 'Show a code' }).click()
    const code = (await phone.getByLabel('Code', { exact: true }).textContent()) ?? ''
    await page.getByRole('button', { name: 'Settings', exact: true }).first().click()
    await page.getByRole('button', { name: /^Devices/ }).click()
    await page.getByLabel('Code', { exact: true }).fill(code)
    await page.getByRole('button', { name: 'Find it' }).click()
    await page.getByRole('dialog', { name: 'Approve this device?' }).waitFor()
    await shoot(page, 'linking-old')
    await shoot(phone, 'linking-new')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Conversations' }).first().click()
  })

  test('of a clock that is wrong', async () => {
    // The tab that does the work goes by its own clock.
    const context = page.context()
    await page.close()
    const tab = await app.tab(context, putClockAhead)
    await openChat(tab, /Bob/)
    await tab.getByText('The clock of this device is', { exact: false }).waitFor()
    await shoot(tab, 'clock')
  })
})
