import { DchatError } from '../../errors.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Crypto } from '../../ports/crypto.ts'
import type { Log } from '../../ports/log.ts'
import type { Random } from '../../ports/random.ts'
import type { Surroundings } from '../../ports/surroundings.ts'
import type { Transport } from '../../ports/transport.ts'
import { AGENT_LIMIT } from '../../protocol/wire/limits.ts'
import type { RelayUrl } from '../../records/ids.ts'
import { type Backoff, DEFAULT_BACKOFF } from './backoff.ts'
import { WebSocketLink } from './link.ts'
import type { WebSocketClass } from './socket.ts'

export interface WebSocketTransportOptions {
  /** Default: the platform's global class. */
  readonly WebSocket?: WebSocketClass | undefined
  readonly clock: Clock
  /** Nonces and the jitter of reconnects. */
  readonly random: Random
  /** Checks that the relay holds the key that it names. */
  readonly crypto: Pick<Crypto, 'ed25519'>
  readonly log?: Log | undefined
  /** What the relay is told about this program; default 'dchat'. */
  readonly agent?: string | undefined
  /** ms without a frame after which the link pings; the relay's wish counts if it is shorter. Default 30,000. */
  readonly heartbeat?: number | undefined
  readonly backoff?: Partial<Backoff> | undefined
  /** What the machine tells of its network and of standstills; links react to it at once. Default: nothing is told. */
  readonly surroundings?: Surroundings | undefined
  /** ms for socket, hello and welcome together, and again for the proofs. Default 15,000. */
  readonly connectTimeout?: number | undefined
}

/**
 * Relay links over WebSockets. One link per relay: asking again returns the same one until it is closed. A link connects
 * when it is first used and reconnects until `close`. Throws `usage/invalid-argument` where there is no WebSocket class.
 */
export const webSocketTransport = (options: WebSocketTransportOptions): Transport => {
  const WebSocket = options.WebSocket ?? (globalThis as { WebSocket?: WebSocketClass }).WebSocket
  if (!WebSocket)
    throw new DchatError('usage/invalid-argument', { name: 'WebSocket', reason: 'this platform has none of its own' })
  const links = new Map<RelayUrl, WebSocketLink>()
  return {
    link: (relay) => {
      const known = links.get(relay)
      if (known && known.state.state !== 'closed') return known
      const link = new WebSocketLink({
        relay,
        WebSocket,
        clock: options.clock,
        random: options.random,
        crypto: options.crypto,
        log: options.log,
        surroundings: options.surroundings,
        agent: (options.agent ?? 'dchat').slice(0, AGENT_LIMIT),
        heartbeat: options.heartbeat ?? 30_000,
        connectTimeout: options.connectTimeout ?? 15_000,
        backoff: { ...DEFAULT_BACKOFF, ...options.backoff },
      })
      links.set(relay, link)
      return link
    },
  }
}
