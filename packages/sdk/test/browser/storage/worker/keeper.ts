import { openBrowserStore } from '../../../../src/platform/browser/open-store.ts'

/** What the little program in the worker is asked by, and what it answers. */
export interface Asked {
  readonly name: string
  readonly text?: string
}

interface WorkerScope {
  postMessage(answer: unknown): void
  onmessage: ((event: { readonly data: Asked }) => void) | null
}

const scope = globalThis as unknown as WorkerScope

/** Keeps a text in a store of its own, or tells which one stands there. */
const answer = async ({ name, text }: Asked): Promise<unknown> => {
  const { store, close } = await openBrowserStore({ name, create: text !== undefined })
  try {
    if (text !== undefined) await store.write(async (tx) => tx.put('meta', { key: 'note', value: text }))
    return await store.read((tx) => tx.get('meta', 'note'))
  } finally {
    await close()
  }
}

scope.onmessage = ({ data }) => {
  answer(data).then(
    (text) => scope.postMessage({ text }),
    (error: unknown) => scope.postMessage({ error: String(error) }),
  )
}
