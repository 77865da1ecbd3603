import type { WebSocketClass } from '../../adapters/transport/socket.ts'
import { Connection } from './connection.ts'
import { covers, FaultTable } from './faults.ts'
import type { SimProcess } from './process.ts'
import type { ServerSocket } from './relay-host.ts'
import type { Faults, SimNetwork, Where } from './types.ts'
import type { World } from './world.ts'

/** What takes dials for a relay that is up. */
export type Accept = (socket: ServerSocket, device: string) => boolean

/** All links between devices and relays. */
export class Network implements SimNetwork {
  readonly #world: World
  readonly #table = new FaultTable()
  readonly #relays = new Map<string, Accept>()
  readonly #connections = new Set<Connection>()
  #dialled = 0

  constructor(world: World) {
    this.#world = world
  }

  get inFlight(): number {
    return [...this.#connections].reduce((sum, connection) => sum + connection.inFlight, 0)
  }

  faults(change: Partial<Faults>, where: Where = {}): void {
    this.#table.change(where, change)
    this.#note('faults', where, JSON.stringify(change))
  }

  partition(where: Where = {}): void {
    this.#table.partition(where)
    this.#note('partition', where)
  }

  heal(where: Where = {}): void {
    this.#table.heal(where)
    this.#note('heal', where)
    for (const connection of [...this.#connections]) connection.retry()
  }

  breakLinks(where: Where = {}): void {
    for (const connection of this.#within(where)) connection.breakUp('broken')
  }

  /** Who answers under a host name from now on; undefined: nobody. */
  listen(relay: string, accept: Accept | undefined): void {
    if (accept) this.#relays.set(relay, accept)
    else this.#relays.delete(relay)
  }

  /** The process of a device or relay is gone. */
  kill(where: Where, silent: boolean): void {
    for (const connection of this.#within(where))
      connection.kill(where.device === undefined ? 'relay' : 'client', silent)
  }

  /** The WebSocket class of one run of a device. */
  sockets(device: SimProcess): WebSocketClass {
    const dial = (url: string) => this.#dial(device, new URL(url).hostname.replace(/\.sim$/, ''))
    return class {
      constructor(url: string) {
        // biome-ignore lint/correctness/noConstructorReturn: a socket is an end of a connection that the network makes.
        return dial(url)
      }
    } as unknown as WebSocketClass
  }

  #dial(device: SimProcess, relay: string) {
    const connection: Connection = new Connection(this.#world, device, relay, ++this.#dialled, {
      faults: () => this.#table.at(device.name, relay),
      isCut: () => this.#table.isCut(device.name, relay),
      accept: (socket) => this.#relays.get(relay)?.(socket, device.name) ?? false,
      over: () => this.#connections.delete(connection),
    })
    this.#connections.add(connection)
    return connection.client
  }

  #within(where: Where): Connection[] {
    return [...this.#connections].filter(({ device, relay }) => covers(where, { device: device.name, relay }))
  }

  #note(kind: string, { device = '*', relay = '*' }: Where, what = ''): void {
    this.#world.trace.note(kind, `${device}>${relay}`, what)
  }
}
