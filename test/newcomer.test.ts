import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumArgs, findChromium, NO_CHROMIUM } from '../scripts/lib/chromium.mjs'
import { demonstrations, row } from './lib/demonstrations.ts'

const executablePath = findChromium()
if (executablePath === undefined) process.stderr.write(`Skipped: the newcomer: ${NO_CHROMIUM}.\n`)

const scratch = mkdtempSync(join(tmpdir(), 'dchat-newcomer-'))
const { start, end } = demonstrations(join(scratch, 'data'), { PATH: process.env.PATH, HOME: scratch })
let browser: Browser

describe.skipIf(executablePath === undefined)('a newcomer', () => {
  beforeAll(async () => {
    browser = await chromium.launch({ ...(executablePath && { executablePath }), args: chromiumArgs() })
  })
  afterAll(async () => {
    await browser.close()
    await end()
    rmSync(scratch, { recursive: true, force: true })
  })

  test('comes from npm start to the first message and its answer, with a name, one click and the message', async () => {
    const demonstration = start()
    const url = row(await demonstration.until('Ctrl-C ends'), 'In a browser')
    const page = await browser.newPage({ reducedMotion: 'reduce' })
    let clicks = 0
    await page.exposeFunction('clicked', () => {
      clicks += 1
    })
    await page.addInitScript('addEventListener("click", ({ isTrusted }) => isTrusted && window.clicked(), true)')
    await page.goto(url)
    // The form is where the keyboard is.
    await page.getByLabel('Your name').waitFor()
    await page.keyboard.type('Ann')
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    const composer = page.getByRole('textbox', { name: 'Message', exact: true })
    await composer.fill('Good morning')
    await composer.press('Enter')
    const messages = page.getByRole('log').getByRole('article')
    await messages.filter({ hasText: 'Hello, I am the guide. You wrote "Good morning".' }).first().waitFor()
    await messages.filter({ hasText: '👋' }).first().waitFor()
    await messages.filter({ hasText: 'Postcard of the lighthouse' }).first().waitFor()
    expect(clicks).toBeLessThanOrEqual(3)
  })
})
