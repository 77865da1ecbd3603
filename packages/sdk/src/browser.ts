// The parts of browsers, for those who compose a client themselves

export { systemClock } from './adapters/clock/system-clock.ts'
export { webCrypto } from './adapters/crypto/web.ts'
export { silentLog } from './adapters/log/silent.ts'
export { type MemoryBacking, memoryStorage } from './adapters/storage/memory.ts'
export type { MemoryTable } from './adapters/storage/memory-table.ts'
export { type PageGlobals, pageSurroundings } from './adapters/surroundings/page.ts'
export type { Backoff } from './adapters/transport/backoff.ts'
export type { WebSocketClass, WebSocketLike } from './adapters/transport/socket.ts'
export type { WebSocketTransportOptions } from './adapters/transport/websocket.ts'
export {
  type BrowserStore,
  type BrowserStoreOptions,
  deleteBrowserStore,
  openBrowserStore,
  relockBrowserStore,
} from './platform/browser/open-store.ts'
export { browserTransport } from './platform/browser/transport.ts'
export type { Storage } from './ports/storage.ts'
export type { Happening, Surroundings } from './ports/surroundings.ts'
