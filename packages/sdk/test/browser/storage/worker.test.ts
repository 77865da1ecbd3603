import { expect, test } from 'vitest'
import { deleteBrowserStore, openBrowserStore } from '../../../src/platform/browser/open-store.ts'
import type { Asked } from './worker/keeper.ts'

/** The browser's class; the address is written out, because bundlers look for it. */
interface WebWorker {
  postMessage(asked: Asked): void
  terminate(): void
  onmessage: ((event: { readonly data: unknown }) => void) | null
  onerror: ((event: { readonly message: string }) => void) | null
}
declare const Worker: new (address: URL, options: { type: 'module' }) => WebWorker

const answerOf = (worker: WebWorker, asked: Asked): Promise<unknown> =>
  new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data)
    worker.onerror = ({ message }) => reject(new Error(message))
    worker.postMessage(asked)
  })

test('a store opens in a worker as in a page, and each reads what the other kept', async () => {
  const name = `worker-${crypto.randomUUID()}`
  const worker = new Worker(new URL('./worker/keeper.ts', import.meta.url), { type: 'module' })
  try {
    expect(await answerOf(worker, { name, text: 'from the worker' })).toEqual({ text: 'from the worker' })
    const opened = await openBrowserStore({ name })
    expect(await opened.store.read((tx) => tx.get('meta', 'note'))).toBe('from the worker')
    await opened.store.write(async (tx) => tx.put('meta', { key: 'note', value: 'from the page' }))
    await opened.close()
    expect(await answerOf(worker, { name })).toEqual({ text: 'from the page' })
  } finally {
    worker.terminate()
    await deleteBrowserStore(name)
  }
})
