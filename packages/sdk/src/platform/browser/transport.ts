import { systemClock } from '../../adapters/clock/system-clock.ts'
import { webCrypto } from '../../adapters/crypto/web.ts'
import { pageSurroundings } from '../../adapters/surroundings/page.ts'
import { type WebSocketTransportOptions, webSocketTransport } from '../../adapters/transport/websocket.ts'
import type { Transport } from '../../ports/transport.ts'
import { systemRandom } from '../../util/system-random.ts'

/** WebSocket links over the browser's own class, which react to what the browser tells of network and page. */
export const browserTransport = (options: Partial<WebSocketTransportOptions> = {}): Transport =>
  webSocketTransport({
    clock: systemClock(),
    random: { bytes: systemRandom },
    surroundings: pageSurroundings(),
    ...options,
    crypto: options.crypto ?? webCrypto(),
  })
