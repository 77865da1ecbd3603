import { systemClock } from '../../adapters/clock/system-clock.ts'
import { nodeCrypto } from '../../adapters/crypto/node.ts'
import { NodeWebSocket } from '../../adapters/transport/node-websocket.ts'
import { type WebSocketTransportOptions, webSocketTransport } from '../../adapters/transport/websocket.ts'
import type { Transport } from '../../ports/transport.ts'

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
