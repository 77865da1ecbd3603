import { DchatError } from '@dchat/sdk/wire'
import { Connection, connectionId } from './connection.ts'
import type { RelayContext } from './link.ts'
import type { PeerSocket } from './peer-socket.ts'

export interface LinksOptions {
  /** ms over which those who were said goodbye shall return: everybody at once would be too many. */
  readonly returnSpread: number
  /** ms that requests in work may take at a drain. */
  readonly drainPatience: number
}

/** Every open connection, wherever its socket comes from. */
export interface Links {
  readonly draining: boolean
  /** Begins to look after silent peers. */
  start(): void
  /** Throws the reason for which a connection from this network address is not taken. */
  admit(address: string): void
  add(socket: PeerSocket, address: string): void
  /** Says goodbye, lets requests finish, closes every connection. Idempotent. */
  drain(): Promise<void>
}

const TICKS_PER_WAIT = 4
const TICK_MAX = 5_000

export const createLinks = (relay: RelayContext, options: LinksOptions): Links => {
  const connections = new Map<string, Connection>()
  const ended = new AbortController()
  let draining: Promise<void> | undefined

  const tick = async (): Promise<void> => {
    const every = Math.min(TICK_MAX, Math.min(relay.heartbeat, relay.patience) / TICKS_PER_WAIT)
    while (true) {
      await relay.clock.sleep(every, { signal: ended.signal })
      const now = relay.clock.now()
      for (const connection of connections.values()) connection.tick(now)
    }
  }
  const drain = async (): Promise<void> => {
    const open = [...connections.values()]
    relay.log.info('draining', { connections: open.length })
    for (const connection of open)
      connection.goodbye('shutting-down', Math.ceil((0.05 + fraction(relay)) * options.returnSpread))
    relay.rendezvous.close()
    const patience = new AbortController()
    const timer = relay.clock.sleep(options.drainPatience, { signal: patience.signal }).catch(() => undefined)
    await Promise.race([Promise.all(open.map((connection) => connection.idle())), timer])
    patience.abort()
    await Promise.all([...connections.values()].map((connection) => connection.close()))
    ended.abort()
  }

  return {
    get draining() {
      return draining !== undefined
    },
    // It ends with the signal only.
    start: () => void tick().catch(() => undefined),
    admit: (address) => {
      if (draining) throw new DchatError('transport/unreachable', { relay: '', reason: 'the relay is shutting down' })
      relay.held.connections.check(address)
      relay.rates.connects.take(address, 1)
    },
    add: (socket, address) => {
      const id = connectionId(relay.crypto.random)
      relay.held.connections.add(address)
      const connection = new Connection(relay, socket, id, address, () => {
        connections.delete(id)
        relay.held.connections.give(address)
        relay.metrics.connections.set(connections.size)
      })
      connections.set(id, connection)
      relay.metrics.connections.set(connections.size)
    },
    drain: () => (draining ??= drain()),
  }
}

/** 0 to 1. */
const fraction = ({ crypto }: RelayContext): number => {
  const [high = 0, low = 0] = crypto.random(2)
  return (high * 256 + low) / 0xffff
}
