import type { BrowserContext, Page } from 'playwright'
import type { Report, TabApi } from './pages/tabs/tab.ts'

/** Calls a function of the page `tabs`, or of the worker that it started. */
export const ask = async <K extends keyof TabApi>(
  page: Page,
  name: K,
  ...args: Parameters<TabApi[K]>
): Promise<Awaited<ReturnType<TabApi[K]>>> =>
  page.evaluate(
    async ([what, given]) => {
      const { tab } = globalThis as unknown as { tab: Record<string, (...args: unknown[]) => unknown> }
      return tab[what as string]?.(...(given as unknown[]))
    },
    [name, args] as const,
  ) as Promise<Awaited<ReturnType<TabApi[K]>>>

export const askWorker = async <K extends keyof TabApi>(
  page: Page,
  name: K,
  ...args: Parameters<TabApi[K]>
): Promise<Awaited<ReturnType<TabApi[K]>>> =>
  page.evaluate(
    ([what, given]) => {
      const { ask } = globalThis as unknown as { ask: (...args: unknown[]) => unknown }
      return ask(what, ...(given as unknown[]))
    },
    [name, args] as const,
  ) as Promise<Awaited<ReturnType<TabApi[K]>>>

export type Heard = (page: Page, from: string, report: Report) => void

/** A new page of the site; `heard` gets what it tells from then on. */
export const openPages = async (browser: BrowserContext, url: string, heard: Heard): Promise<() => Promise<Page>> => {
  await browser.exposeBinding('report', ({ page }, from: string, report: Report) => heard(page, from, report))
  return async () => {
    const page = await browser.newPage()
    await page.goto(url)
    await page.waitForFunction(() => 'tab' in globalThis)
    return page
  }
}

/** Waits until it is so; says what is missing if it never comes. */
export const until = async (isSo: () => boolean | Promise<boolean>, missing: () => unknown, ms = 60_000) => {
  for (const end = Date.now() + ms; !(await isSo()); ) {
    if (Date.now() > end) throw new Error(`it did not come to that: ${JSON.stringify(missing())}`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}
