import type { Report } from './tab.ts'

/** The little that these pages and workers use of a browser; one set of types serves Node and browsers. */
interface Port {
  postMessage(message: unknown): void
  addEventListener(type: 'message', listener: (event: { readonly data: never }) => void): void
}

interface Program extends Port {
  terminate(): void
}

interface Socket {
  addEventListener(type: 'open' | 'close', listener: () => void): void
  close(code?: number, reason?: string): void
}

export const browser = globalThis as unknown as Port & {
  readonly navigator: { readonly locks: { query(): Promise<{ held?: readonly { readonly name: string }[] }> } }
  readonly Worker: new (url: URL, options: { readonly type: 'module' }) => Program
  WebSocket: new (url: string, protocols?: string[]) => Socket
  /** The test's. */
  readonly report: (from: string, report: Report) => Promise<void>
}
