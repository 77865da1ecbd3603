import { browser } from './globals.ts'
import { createTab, type Report, watchSockets } from './tab.ts'

const tell = (from: string) => (report: Report) => browser.report(from, report)

watchSockets(tell('page'))

type Answer =
  | { readonly report: Report }
  | { readonly id: number; readonly error: string }
  | { readonly id: number; readonly value: unknown }

const worker = () => {
  const { Worker } = browser
  const program = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: unknown) => void }>()
  let count = 0
  program.addEventListener('message', ({ data }: { readonly data: Answer }) => {
    if ('report' in data) return void tell('worker')(data.report)
    const call = waiting.get(data.id)
    waiting.delete(data.id)
    if ('error' in data) call?.reject(new Error(data.error))
    else call?.resolve(data.value)
  })
  return {
    ask: (name: string, ...args: unknown[]) =>
      new Promise((resolve, reject) => {
        waiting.set(++count, { resolve, reject })
        program.postMessage({ id: count, name, args })
      }),
    end: () => program.terminate(),
  }
}

Object.assign(globalThis, { tab: createTab(tell('page')), startWorker: () => Object.assign(globalThis, worker()) })
