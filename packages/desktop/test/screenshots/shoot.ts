import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright'

export const SIZES = [
  { width: 1280, height: 800 },
  { width: 900, height: 600 },
  { width: 390, height: 844 },
] as const
export const SCHEMES = ['light', 'dark'] as const

/** Where all pictures go. */
export const folder = fileURLToPath(new URL('../../dist/screenshots', import.meta.url))

interface Shot {
  /** Where the pointer stands in this size; without it, nothing lies beneath one. */
  readonly point?: (page: Page) => Promise<void>
  readonly sizes?: readonly { readonly width: number; readonly height: number }[]
}

/** A picture of a page in both schemes and in all sizes. */
export const shoot = async (page: Page, name: string, { point, sizes = SIZES }: Shot = {}): Promise<void> => {
  await mkdir(folder, { recursive: true })
  for (const colorScheme of SCHEMES)
    for (const size of sizes) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.setViewportSize(size)
      await page.evaluate(() => document.fonts.ready)
      await page.mouse.move(size.width / 2, 1)
      await point?.(page)
      await page.screenshot({ path: `${folder}/${name}-${size.width}-${colorScheme}.png` })
    }
  await page.setViewportSize(SIZES[0])
}
