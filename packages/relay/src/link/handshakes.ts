import type { Server, Socket } from 'node:net'
import { networkOf } from '../policy/network.ts'
import { Tally } from '../policy/tally.ts'

export interface HandshakeLimits {
  readonly ofOne: number
  readonly ofAll: number
}

export interface Handshakes {
  /** It has become a link, which is counted as one. */
  done(socket: Pick<Socket, 'remoteAddress' | 'remotePort'>): void
}

/**
 * Sockets that have not become links yet: whoever opens them and says nothing, or says it slowly, is bounded like links are,
 * and cut off by the server's timeouts. A trusted proxy opens them for everybody, so it is not bounded as one address.
 */
export const boundHandshakes = (
  server: Server,
  { ofOne, ofAll }: HandshakeLimits,
  isTrusted: (address: string) => boolean,
  refused: () => void,
): Handshakes => {
  const pending = new Map<string, string>()
  const tally = new Tally('handshakes', ofOne, ofAll)
  const proxied = new Tally('handshakes', ofAll, ofAll)
  const tallyOf = (address: string) => (isTrusted(address) ? proxied : tally)
  const done = (name: string): void => {
    const address = pending.get(name)
    if (address === undefined) return
    pending.delete(name)
    tallyOf(address).give(networkOf(address))
  }
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? 'unknown'
    const name = nameOf(socket)
    try {
      tallyOf(address).take(networkOf(address))
    } catch {
      refused()
      socket.destroy()
      return
    }
    pending.set(name, address)
    socket.once('close', () => done(name))
  })
  return { done: (socket) => done(nameOf(socket)) }
}

/** A socket below TLS and the one above it have the same. */
const nameOf = ({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>) =>
  `${remoteAddress} ${remotePort}`
