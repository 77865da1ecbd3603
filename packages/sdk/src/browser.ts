// The parts of browsers, for those who compose a client themselves

export { systemClock } from './adapters/clock/system-clock.ts'
export { webCrypto } from './adapters/crypto/web.ts'
export { silentLog } from './adapters/log/silent.ts'
export { type MemoryBacking, memoryStorage } from './adapters/storage/memory.ts'
export { pageSurroundings } from './adapters/surroundings/page.ts'
export type { WebSocketTransportOptions } from './adapters/transport/websocket.ts'
export { browserTransport } from './platform/browser/transport.ts'
export type { Storage } from './ports/storage.ts'
export type { Happening, Surroundings } from './ports/surroundings.ts'
