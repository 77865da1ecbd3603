import { createServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { DchatError, FRAME_LIMIT, isDchatError } from '@dchat/sdk/wire'
import { WebSocketServer } from 'ws'
import { httpHandler } from '../health.ts'
import { networkOf } from '../policy/network.ts'
import { withinQuota } from '../policy/quota.ts'
import { Connection, connectionId } from './connection.ts'
import type { RelayContext } from './link.ts'

export interface ServerOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer } | undefined
  /** Believe the last address of `X-Forwarded-For`: only behind a proxy that sets it. */
  readonly trustProxy: boolean
  /** ms over which those who were said goodbye shall return: everybody at once would be too many. */
  readonly returnSpread: number
  /** ms that requests in work may take at a drain. */
  readonly drainPatience: number
}

export interface LinkServer {
  readonly url: string
  /** Stops accepting, says goodbye, lets requests finish, closes every connection. Idempotent. */
  drain(): Promise<void>
}

const TICKS_PER_WAIT = 4
const TICK_MAX = 5_000

/** Listens for links and plain HTTP on one port. Rejects with `transport/unreachable` if the port cannot be had. */
export const createLinkServer = async (relay: RelayContext, options: ServerOptions): Promise<LinkServer> => {
  const connections = new Map<string, Connection>()
  const perAddress = new Map<string, number>()
  let draining: Promise<void> | undefined

  const handler = httpHandler({ ...relay, draining: () => draining !== undefined })
  const http = options.tls ? createTlsServer(options.tls, handler) : createServer(handler)
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: FRAME_LIMIT,
    clientTracking: false,
  })

  const addressOf = (request: IncomingMessage): string => {
    const forwarded = options.trustProxy ? request.headers['x-forwarded-for'] : undefined
    const last = (Array.isArray(forwarded) ? forwarded.at(-1) : forwarded)?.split(',').at(-1)?.trim()
    return networkOf(last || request.socket.remoteAddress || 'unknown')
  }

  const leave = (address: string): void => {
    const left = (perAddress.get(address) ?? 1) - 1
    if (left === 0) perAddress.delete(address)
    else perAddress.set(address, left)
  }

  /** Throws the reason for which a connection is not taken. */
  const admit = (address: string): void => {
    if (draining) throw new DchatError('transport/unreachable', { relay: '', reason: 'the relay is shutting down' })
    withinQuota('connections', relay.limits.connections, connections.size, 1)
    withinQuota(
      'connections of one network address',
      relay.limits.connectionsPerAddress,
      perAddress.get(address) ?? 0,
      1,
    )
    relay.rates.connects.take(address, 1)
  }

  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    if ((request.url ?? '/').split('?')[0] !== '/') return refuse(socket, '404 Not Found')
    const address = addressOf(request)
    try {
      admit(address)
    } catch (error) {
      const seconds = isDchatError(error, 'transport/rate-limited') ? Math.ceil(error.details.retryAfter / 1000) : 5
      return refuse(socket, '503 Service Unavailable', seconds)
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const id = connectionId(relay.crypto.random)
      perAddress.set(address, (perAddress.get(address) ?? 0) + 1)
      const connection = new Connection(relay, webSocket, id, address, () => {
        connections.delete(id)
        leave(address)
        relay.metrics.connections.set(connections.size)
      })
      connections.set(id, connection)
      relay.metrics.connections.set(connections.size)
    })
  })

  await listen(http, options)
  const { port } = http.address() as AddressInfo
  const tick = setInterval(
    () => {
      const now = relay.clock.now()
      for (const connection of connections.values()) connection.tick(now)
    },
    Math.min(TICK_MAX, Math.min(relay.heartbeat, relay.patience) / TICKS_PER_WAIT),
  )
  tick.unref()

  const drain = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => http.close(() => resolve()))
    const open = [...connections.values()]
    relay.log.info('draining', { connections: open.length })
    for (const connection of open)
      connection.goodbye('shutting-down', Math.ceil((0.05 + Math.random()) * options.returnSpread))
    await atMost(options.drainPatience, Promise.all(open.map((connection) => connection.idle())))
    await Promise.all([...connections.values()].map((connection) => connection.close()))
    http.closeAllConnections()
    await closed
    clearInterval(tick)
  }

  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  return {
    url: `${options.tls ? 'wss' : 'ws'}://${host}:${port}`,
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

const atMost = async (ms: number, work: Promise<unknown>): Promise<void> => {
  const patience = new AbortController()
  const timer = new Promise<void>((resolve) => {
    const timeout = setTimeout(resolve, ms)
    patience.signal.addEventListener('abort', () => clearTimeout(timeout))
  })
  await Promise.race([work, timer])
  patience.abort()
}
