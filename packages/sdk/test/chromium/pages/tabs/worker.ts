import { browser } from './globals.ts'
import { createTab, type Report, watchSockets } from './tab.ts'

interface Call {
  readonly id: number
  readonly name: string
  readonly args: readonly unknown[]
}

const tell = async (report: Report) => browser.postMessage({ report })

watchSockets(tell)
const tab = createTab(tell) as unknown as Record<string, (...args: unknown[]) => unknown>

browser.addEventListener('message', async ({ data: { id, name, args } }: { readonly data: Call }) => {
  try {
    browser.postMessage({ id, value: await tab[name]?.(...args) })
  } catch (error) {
    browser.postMessage({ id, error: String(error) })
  }
})
