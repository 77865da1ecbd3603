import type { Page } from 'playwright'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { faults } from './faults.ts'
import { leaveStop, openRelays } from './relay-stops.ts'
import { describeApp } from './support.ts'

const SIZES = [
  { width: 1280, height: 800 },
  { width: 900, height: 600 },
  { width: 320, height: 640 },
] as const

/** Controls that are too small to press, and what is wider than its place. */
const misfits = (page: Page, least: number): Promise<readonly string[]> =>
  page.evaluate((height) => {
    const found: string[] = []
    const top =
      [...document.querySelectorAll('[role="dialog"][data-state="open"], [role="menu"]')].at(-1) ?? document.body
    for (const element of top.querySelectorAll('button, input, select, [role="menuitem"], a[href]')) {
      const box = element.getBoundingClientRect()
      const field = element instanceof HTMLInputElement ? (element.parentElement ?? element) : element
      if (box.width > 0 && field.getBoundingClientRect().height < height)
        found.push(
          `${field.getBoundingClientRect().height} px: ${element.getAttribute('aria-label') ?? element.textContent}`,
        )
    }
    for (const element of [document.documentElement, ...top.querySelectorAll('*')]) {
      const { right, width } = element.getBoundingClientRect()
      if (width > 1 && right > innerWidth + 1) found.push(`beyond the edge: ${element.tagName} ${element.textContent}`)
      const isCut = getComputedStyle(element).textOverflow === 'ellipsis' && element.scrollWidth > element.clientWidth
      if (isCut) found.push(`cut: ${element.textContent}`)
    }
    return found
  }, least)

describeApp('where somebody decides about relays', () => {
  let opened: Awaited<ReturnType<typeof openRelays>>

  beforeAll(async () => {
    opened = await openRelays()
  })
  afterAll(() => opened.close())

  test('axe finds nothing, everything has its place, and what is pressed is large enough', async () => {
    const { ann, stops } = opened
    const found: Record<string, readonly string[]> = {}
    for (const size of SIZES)
      for (const { name, go } of stops) {
        await leaveStop(ann)
        await ann.setViewportSize(size)
        await go(ann)
        found[`${name}, ${size.width}`] = await misfits(ann, size.width < 720 ? 44 : 24)
        for (const colorScheme of ['light', 'dark'] as const) {
          await ann.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
          // Menus and tooltips stand above the page, in none of its regions.
          found[`${name}, ${size.width}, ${colorScheme}`] = await faults(ann, 'region')
        }
      }
    expect(Object.entries(found).filter(([, each]) => each.length > 0)).toEqual([])
  })

  test('what asks has the focus, and gives it back to what it was opened by', async () => {
    const { ann, second, stops } = opened
    await leaveStop(ann)
    await ann.setViewportSize(SIZES[0])
    const focused = () =>
      ann.evaluate(
        () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent?.trim(),
      )
    const go = async (name: string): Promise<void> => stops.find((stop) => stop.name === name)?.go(ann)
    await go('relays-leave')
    await expect.poll(() => ann.evaluate(() => document.activeElement?.closest('[role="dialog"]') !== null)).toBe(true)
    await ann.keyboard.press('Escape')
    await expect.poll(focused).toBe(`More about ${second}`)
    await go('relays-add')
    await ann.keyboard.press('Escape')
    await expect.poll(focused).toBe('Add a relay')
    await leaveStop(ann)
    await go('kept-at-move')
    await ann.keyboard.press('Escape')
    await expect.poll(focused).toBe(`Move to ${second}`)
  })

  test('no page complained', () => expect(opened.app.complaints).toEqual([]))
})
