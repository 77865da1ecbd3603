import { startTestRelay, type TestRelay } from '@dchat/relay/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { faults } from './faults.ts'
import { furnish } from './friends.ts'
import { describeApp, openApp } from './support.ts'
import { home, VIEWS } from './views.ts'

const LOOKS = [
  { colorScheme: 'light', size: { width: 1280, height: 800 } },
  { colorScheme: 'dark', size: { width: 900, height: 600 } },
  { colorScheme: 'light', size: { width: 900, height: 600 } },
  { colorScheme: 'dark', size: { width: 390, height: 844 } },
] as const

describeApp('axe finds nothing', () => {
  let relay: TestRelay
  let app: Awaited<ReturnType<typeof openApp>>
  let friends: Awaited<ReturnType<typeof furnish>> | undefined

  beforeAll(async () => {
    relay = await startTestRelay()
    app = await openApp(relay.url)
  })
  afterAll(async () => {
    await friends?.close()
    await app.close()
    await relay.close()
  })

  test('in the gallery, in all themes and from right to left', async () => {
    const page = await app.newcomer()
    for (const query of ['theme=light', 'theme=dark', 'theme=contrast&dir=rtl']) {
      await page.goto(`${app.url}gallery.html?${query}`)
      await page.getByRole('heading', { name: 'Gallery' }).waitFor()
      expect(await faults(page), query).toEqual([])
    }
    await page.context().close()
  })

  test('in what floats', async () => {
    const page = await app.newcomer()
    await page.goto(`${app.url}gallery.html`)
    for (const name of ['Open dialog', 'Open sheet', 'Open menu', 'Open popover']) {
      await page.getByRole('button', { name, exact: true }).click()
      await page.locator('[data-state="open"]').last().waitFor()
      // A menu stands above the page, in none of its regions.
      expect(await faults(page, 'region'), name).toEqual([])
      await page.keyboard.press('Escape')
      // The page can be used again: nothing above it is left.
      await page.getByRole('button', { name: 'Toast', exact: true }).click({ trial: true })
    }
    await page.context().close()
  })

  test('in every view of a window with friends in it, large and light, small and dark', async () => {
    const page = await app.person('Alice')
    friends = await furnish(page, relay.url)
    const found: Record<string, readonly string[]> = {}
    for (const { colorScheme, size } of LOOKS) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.setViewportSize(size)
      for (const { name, go } of VIEWS) {
        await home(page)
        await go(page)
        found[`${name}, ${colorScheme}, ${size.width}`] = await faults(page)
      }
    }
    expect(Object.entries(found).filter(([, each]) => each.length > 0)).toEqual([])
    expect(app.complaints).toEqual([])
  })
})
