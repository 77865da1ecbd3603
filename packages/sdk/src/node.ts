// The parts of Node, for those who compose a client themselves

export { systemClock } from './adapters/clock/system-clock.ts'
export { type NodeCryptoOptions, nodeCrypto } from './adapters/crypto/node.ts'
export { type JsonLogOptions, jsonLog, type LogLevel } from './adapters/log/json-lines.ts'
export { silentLog } from './adapters/log/silent.ts'
export { type MemoryBacking, memoryStorage } from './adapters/storage/memory.ts'
export type { MemoryTable } from './adapters/storage/memory-table.ts'
export type { Backoff } from './adapters/transport/backoff.ts'
export type { WebSocketClass, WebSocketLike } from './adapters/transport/socket.ts'
export type { WebSocketTransportOptions } from './adapters/transport/websocket.ts'
// A store in a folder
export type { Keystore, Unlock } from './domain/store/store-key.ts'
export { type NodeStore, type NodeStoreOptions, openNodeStore, relockNodeStore } from './platform/node/open-store.ts'
export { nodeTransport } from './platform/node/transport.ts'
export type { Storage } from './ports/storage.ts'
