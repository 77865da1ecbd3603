import { startTestRelay } from '../../../relay/src/testing/start-test-relay.ts'
import { NodeWebSocket } from '../../src/adapters/transport/node-websocket.ts'
import type { WebSocketLike } from '../../src/adapters/transport/socket.ts'
import { webSocketTransport } from '../../src/adapters/transport/websocket.ts'
import type { RelayUrl } from '../../src/records/ids.ts'
import { transportConformance } from '../../src/testing/transport-conformance.ts'
import { realClock } from '../support/clocks.ts'
import { testCrypto } from '../support/crypto.ts'

transportConformance('WebSocket', async () => {
  const relay = await startTestRelay({ clock: realClock })
  const sockets: WebSocketLike[] = []
  const transport = webSocketTransport({
    WebSocket: class extends NodeWebSocket {
      constructor(url: string) {
        super(url)
        sockets.push(this)
      }
    },
    clock: realClock,
    random: { bytes: testCrypto.random },
    crypto: testCrypto,
    backoff: { base: 5, cap: 50 },
  })
  return {
    transport,
    relay: relay.url as RelayUrl,
    crypto: testCrypto,
    cut: () => {
      for (const socket of sockets.splice(0)) socket.terminate?.()
    },
    restart: async () => {
      await relay.stop()
      await relay.start()
    },
    close: () => relay.close(),
  }
})
