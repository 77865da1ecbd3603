import { copyFile, mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { startTestRelay, type TestRelay } from '@dchat/relay/testing'
import type { Page } from 'playwright'
import { afterAll, beforeAll, test } from 'vitest'
import { furnish } from '../app/friends.ts'
import { describeApp, openApp } from '../app/support.ts'
import { home, VIEWS } from '../app/views.ts'
import { FIRST_MINUTE, OFFLINE, SCENES } from './scenes.ts'
import { folder, SCHEMES, SIZES, shoot } from './shoot.ts'

const docs = fileURLToPath(new URL('../../../../docs/screenshots', import.meta.url))

/** The few that stand in the documentation. */
const CHOSEN = [
  'welcome-1280-light',
  'conversation-1280-light',
  'conversation-1280-dark',
  'conversation-900-dark',
  'conversation-390-light',
  'talk-1280-dark',
  'accept-390-light',
  'payment-1280-light',
  'deal-1280-dark',
  'deals-1280-light',
  'deals-390-dark',
  'settings-1280-light',
]

describeApp('pictures of every view', () => {
  let relay: TestRelay
  let app: Awaited<ReturnType<typeof openApp>>
  let friends: Awaited<ReturnType<typeof furnish>>
  let page: Page

  beforeAll(async () => {
    await mkdir(docs, { recursive: true })
    relay = await startTestRelay()
    app = await openApp(relay.url)
  }, 300_000)
  afterAll(async () => {
    await friends?.close()
    for (const name of CHOSEN) await copyFile(`${folder}/${name}.png`, `${docs}/${name}.png`)
    await app.close()
    await relay.close()
  })

  test('of the first minute', async () => {
    page = await app.newcomer()
    for (const { name, go } of FIRST_MINUTE) {
      await go(page)
      await shoot(page, name)
    }
    await page.context().close()
    page = await app.person('Alice')
    await shoot(page, 'empty')
    await page.context().close()
  }, 300_000)

  test('of a furnished window', async () => {
    page = await app.person('Alice')
    friends = await furnish(page, relay.url)
    for (const { name, go } of VIEWS) {
      await go(page)
      await page.waitForLoadState('networkidle')
      await shoot(page, name)
      await home(page)
    }
  }, 600_000)

  test('of what happens in it', async () => {
    for (const { name, go } of SCENES) {
      if (name === OFFLINE.before) {
        await relay.stop()
        await OFFLINE.go(page, friends.bob)
        await shoot(page, OFFLINE.name)
        await relay.start()
      }
      await go(page, friends.bob)
      await shoot(page, name)
    }
  }, 600_000)

  test('of the gallery', async () => {
    page = await app.newcomer()
    await page.goto(`${app.url}gallery.html`)
    await page.getByRole('heading', { name: 'Gallery' }).waitFor()
    for (const colorScheme of SCHEMES)
      for (const { width, height } of SIZES) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        await page.setViewportSize({ width, height })
        await page.screenshot({ path: `${folder}/gallery-${width}-${colorScheme}.png`, fullPage: true })
      }
    await page.goto(`${app.url}gallery.html?dir=rtl&theme=contrast`)
    await page.getByRole('heading', { name: 'Gallery' }).waitFor()
    await page.screenshot({ path: `${folder}/gallery-rtl-contrast.png`, fullPage: true })
  }, 300_000)
})
