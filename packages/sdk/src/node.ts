import { NodeWebSocket } from './adapters/transport/node-websocket.ts'
import { webSocketTransport, type WebSocketTransportOptions } from './adapters/transport/websocket.ts'
import { systemClock } from './adapters/clock/system-clock.ts'
import { nodeCrypto } from './adapters/crypto/node.ts'
import { memoryStorage } from './adapters/storage/memory.ts'
import type { Client } from './client/client.ts'
import { type ClientOptions, createClient } from './client/create-client.ts'
import { sealedStore } from './domain/store/sealed-store.ts'
import type { Storage } from './ports/storage.ts'
import type { Transport } from './ports/transport.ts'

// The adapters of this platform
export { systemClock } from './adapters/clock/system-clock.ts'
export { nodeCrypto } from './adapters/crypto/node.ts'
export { type JsonLogOptions, jsonLog, type LogLevel } from './adapters/log/json-lines.ts'
export { silentLog } from './adapters/log/silent.ts'
export { acquireOwner, type Owner } from './adapters/owner/lock-file.ts'
export { type MemoryBacking, memoryStorage } from './adapters/storage/memory.ts'
export { type SqliteOptions, sqliteStorage } from './adapters/storage/sqlite.ts'
export { sealedStore } from './domain/store/sealed-store.ts'
export type { Storage } from './ports/storage.ts'

/** WebSocket links over `ws`. */
export const nodeTransport = (options: Partial<WebSocketTransportOptions> = {}): Transport => {
  const crypto = options.crypto ?? nodeCrypto()
  return webSocketTransport({
    WebSocket: NodeWebSocket,
    clock: systemClock(),
    random: { bytes: nodeCrypto().random },
    ...options,
    crypto,
  })
}

export interface NodeClientOptions
  extends Pick<ClientOptions, 'identity' | 'relays' | 'deviceName' | 'log' | 'reports' | 'onClose'> {
  /** Default: memory, which ends with the process. */
  readonly storage?: Storage
  /** 32 bytes that seal the storage; default: fresh ones, which is right for memory only. */
  readonly storeKey?: Uint8Array
  readonly transport?: Transport
}

/** `createClient` with Node's parts: `node:crypto`, `ws`, the system's clock. */
export const createNodeClient = (options: NodeClientOptions): Promise<Client> => {
  const { storage = memoryStorage(), storeKey, transport, ...rest } = options
  const crypto = nodeCrypto()
  return createClient({
    ...rest,
    crypto,
    clock: systemClock(),
    transport: transport ?? nodeTransport({ crypto }),
    store: sealedStore(storage, storeKey ?? crypto.random(32), crypto.random),
  })
}
