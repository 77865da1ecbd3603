/** `node scripts/icons.mjs` draws the icons anew from icon.svg, by the Chromium of this machine. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright'
import { chromiumArgs, findChromium, NO_CHROMIUM } from '../../../scripts/lib/chromium.mjs'

const at = (path) => fileURLToPath(new URL(path, import.meta.url))
const PUBLIC = '../src/renderer/public/icons/'
const svg = readFileSync(at(`${PUBLIC}icon.svg`), 'utf8')
// Systems that cut their own shape out of an icon get a full square, and keep only what is well inside.
const square = svg.replace(/ rx="\d+"/, '').replace('viewBox="0 0 512 512"', 'viewBox="32 32 448 448"')

const ICONS = [
  { file: `${PUBLIC}icon-192.png`, size: 192, image: svg },
  { file: `${PUBLIC}icon-512.png`, size: 512, image: svg },
  { file: `${PUBLIC}maskable-512.png`, size: 512, image: square.replace('32 32 448 448', '0 0 512 512') },
  { file: `${PUBLIC}apple-touch-icon.png`, size: 180, image: square },
  // Desktop systems expect some air around an icon.
  { file: '../build/icon.png', size: 1024, image: svg, margin: 84 },
]

const executablePath = findChromium()
if (executablePath === undefined) throw new Error(NO_CHROMIUM)
const browser = await chromium.launch({ executablePath, args: chromiumArgs() })
try {
  const page = await browser.newPage()
  for (const { file, size, image, margin = 0 } of ICONS) {
    await page.setViewportSize({ width: size, height: size })
    const style = `margin: ${margin}px; width: ${size - 2 * margin}px; height: ${size - 2 * margin}px; display: block`
    await page.setContent(`<body style="margin: 0">${image.replace('<svg', `<svg style="${style}"`)}</body>`)
    writeFileSync(at(file), await page.screenshot({ omitBackground: true }))
  }
} finally {
  await browser.close()
}
