import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type BrowserContext, chromium } from 'playwright'
import { chromiumArgs, findChromium } from '../../../../scripts/lib/chromium.mjs'

const ARGS = ['--headless=new', '--remote-debugging-port=0', '--no-first-run', '--disable-background-networking']

/** ms until it answers, on a machine that has other tests to run. */
const PATIENCE = 120_000

const portOf = async (profile: string): Promise<string> => {
  for (const end = Date.now() + PATIENCE; Date.now() < end; ) {
    const text = await readFile(join(profile, 'DevToolsActivePort'), 'utf8').catch(() => '')
    const port = text.split('\n')[0]
    if (port) return port
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('Chromium did not say where it listens')
}

/**
 * A browser in which pages are hidden and freeze as a person's do: Playwright's own always takes each page for the one
 * that is looked at, and such a page never freezes.
 */
export const openPlainBrowser = async (
  profile: string,
): Promise<{ readonly context: BrowserContext; [Symbol.asyncDispose](): Promise<void> }> => {
  const program = spawn(findChromium() as string, [...chromiumArgs(), ...ARGS, `--user-data-dir=${profile}`], {
    stdio: 'ignore',
  })
  const ended = once(program, 'exit')
  try {
    const url = `http://127.0.0.1:${await portOf(profile)}`
    const browser = await chromium.connectOverCDP(url, { noDefaults: true, timeout: PATIENCE })
    const context = browser.contexts()[0] as BrowserContext
    return {
      context,
      [Symbol.asyncDispose]: async () => {
        const session = await browser.newBrowserCDPSession()
        await session.send('Browser.close').catch(() => undefined)
        await browser.close()
        await ended
      },
    }
  } catch (error) {
    program.kill()
    throw error
  }
}
