import { createServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { DchatError, FRAME_LIMIT, isDchatError } from '@dchat/sdk/wire'
import { WebSocketServer } from 'ws'
import { httpHandler } from '../health.ts'
import { clientOf, networkList, networkOf } from '../policy/network.ts'
import { type Certificate, checkedCertificate } from './certificate.ts'
import { boundHandshakes } from './handshakes.ts'
import type { RelayContext } from './link.ts'
import type { Links } from './links.ts'

/** ms at most for TLS, and for the request that asks for a WebSocket. */
const HANDSHAKE = 20_000
/** Sockets beyond the links that are allowed, so that whoever may have no more is told so rather than cut off. */
const HEARD = 16

export type MetricsReaders = 'local' | 'everyone' | 'off'

export interface ServerOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly tls?: Certificate | undefined
  /** Whose `X-Forwarded-For` counts: addresses, networks, `loopback`, `private`. */
  readonly trustedProxies: readonly string[]
  readonly metrics: MetricsReaders
}

export interface LinkServer {
  readonly url: string
  /** New connections get this certificate; open ones stay. Throws `usage/invalid-argument` and keeps the old one. */
  renew(tls: Certificate): void
  /** Stops accepting, says goodbye, lets requests finish, closes every connection. Idempotent. */
  drain(): Promise<void>
}

/** Listens for links and plain HTTP on one port. Rejects with `transport/unreachable` if the port cannot be had. */
export const listenForLinks = async (
  relay: RelayContext,
  links: Links,
  options: ServerOptions,
): Promise<LinkServer> => {
  const isTrusted = networkList(options.trustedProxies)
  const isLocal = networkList(['loopback', 'private'])
  const forwardedOf = ({ headers }: IncomingMessage): string | undefined => {
    const forwarded = headers['x-forwarded-for']
    return Array.isArray(forwarded) ? forwarded.join(',') : forwarded
  }
  const showsMetrics = (request: IncomingMessage): boolean =>
    options.metrics === 'everyone' ||
    (options.metrics === 'local' &&
      forwardedOf(request) === undefined &&
      request.headers.forwarded === undefined &&
      isLocal(request.socket.remoteAddress ?? ''))
  const handler = httpHandler({ ...relay, draining: () => links.draining, showsMetrics })
  const patience = Math.min(relay.patience, HANDSHAKE)
  const times = { headersTimeout: patience, requestTimeout: patience, connectionsCheckingInterval: patience / 2 }
  const http = options.tls
    ? createTlsServer({ ...checkedCertificate(options.tls), ...times, handshakeTimeout: patience }, handler)
    : createServer(times, handler)
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: FRAME_LIMIT,
    clientTracking: false,
  })

  const { connections, connectionsPerAddress } = relay.limits
  const bounds = { ofOne: connectionsPerAddress + HEARD, ofAll: connections + HEARD }
  const handshakes = boundHandshakes(http, bounds, isTrusted, () => relay.metrics.refused.inc({ reason: 'handshakes' }))

  const addressOf = (request: IncomingMessage): string =>
    networkOf(clientOf(request.socket.remoteAddress ?? 'unknown', forwardedOf(request), isTrusted))

  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    if ((request.url ?? '/').split('?')[0] !== '/') return refuse(socket, '404 Not Found')
    const address = addressOf(request)
    try {
      links.admit(address)
    } catch (error) {
      relay.metrics.refused.inc({ reason: isDchatError(error) ? error.code : 'internal' })
      const seconds = isDchatError(error, 'transport/rate-limited') ? Math.ceil(error.details.retryAfter / 1000) : 5
      return refuse(socket, '503 Service Unavailable', seconds)
    }
    handshakes.done(request.socket)
    sockets.handleUpgrade(request, socket, head, (webSocket) =>
      links.add(Object.assign(webSocket, { stream: socket }), address),
    )
  })

  await listen(http, options)
  const { port } = http.address() as AddressInfo

  const drain = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => http.close(() => resolve()))
    await links.drain()
    http.closeAllConnections()
    await closed
  }
  let draining: Promise<void> | undefined

  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  return {
    url: `${options.tls ? 'wss' : 'ws'}://${host}:${port}`,
    renew: (tls) => {
      if (options.tls === undefined)
        throw new DchatError('usage/invalid-argument', { name: 'tls', reason: 'the relay was started without TLS' })
      ;(http as TlsServer).setSecureContext(checkedCertificate(tls))
    },
    drain: () => (draining ??= drain()),
  }
}

const refuse = (socket: Duplex, status: string, retryAfter?: number): void => {
  const retry = retryAfter === undefined ? '' : `Retry-After: ${retryAfter}\r\n`
  socket.end(`HTTP/1.1 ${status}\r\n${retry}Connection: close\r\nContent-Length: 0\r\n\r\n`)
}

const listen = (http: Server, { host, port }: ServerOptions): Promise<void> =>
  new Promise((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'the port is in use' : (error.code ?? 'the port cannot be opened')
      reject(
        new DchatError(
          'transport/unreachable',
          { relay: `${host}:${port}`, reason },
          { cause: error, hint: 'Choose another port with --port.' },
        ),
      )
    })
    http.listen(port, host, () => {
      http.removeAllListeners('error')
      http.on('error', () => undefined)
      resolve()
    })
  })
