import { ClientEnd } from './client-end.ts'
import { frameLabel } from './frame-label.ts'
import { BROKEN, type Cargo, Pipe } from './pipe.ts'
import type { SimProcess } from './process.ts'
import type { ServerSocket } from './relay-host.ts'
import { ServerEnd } from './server-end.ts'
import type { Faults, SimRandom } from './types.ts'
import type { World } from './world.ts'

/** ms after which a side hears of a broken connection at the latest. */
const NOTICE = 2_000
/** ms that a first copy may be late. */
const OVERTAKEN = 5_000
/** How much longer than the longest delay a straggler takes, at most. */
const STRAGGLE = 20

const isHeartbeat = (type: string): boolean => type === 'ping' || type === 'pong'

export type Side = 'client' | 'relay'

/** What a connection asks of the network that it runs through. */
export interface Route {
  faults(): Faults
  isCut(): boolean
  /** The relay's answer to a dial: false if nobody is there or it refuses. */
  accept(socket: ServerSocket): boolean
  /** Nothing of the connection is left. */
  over(): void
}

/** One simulated connection between a device and a relay. */
export class Connection {
  readonly device: SimProcess
  readonly relay: string
  readonly client: ClientEnd
  readonly #server: ServerEnd
  readonly #world: World
  readonly #route: Route
  readonly #random: SimRandom
  readonly #name: string
  readonly #up: Pipe
  readonly #down: Pipe
  /** The relay's process died: nothing reaches it. */
  #relayDead = false

  constructor(world: World, device: SimProcess, relay: string, id: number, route: Route) {
    this.device = device
    this.relay = relay
    this.#world = world
    this.#route = route
    this.#name = `${device.name}>${relay}#${id}`
    this.#random = world.random.fork(this.#name)
    const { scheduler } = world
    const isStalled = () => route.isCut()
    this.#up = new Pipe({ scheduler, isStalled, deliver: (cargo) => this.#toRelay(cargo) })
    this.#down = new Pipe({ scheduler, isStalled, deliver: (cargo) => this.#toClient(cargo) })
    this.client = new ClientEnd({
      send: (bytes) => this.#send('client', bytes),
      end: (code) => this.#end('client', code),
      later: (work) => scheduler.after(0, () => device.alive && work()),
      buffered: () => this.#up.buffered,
    })
    this.#server = new ServerEnd({
      send: (bytes, sent) => this.#send('relay', bytes, () => !this.#relayDead && sent?.()),
      end: (code) => this.#end('relay', code),
      later: (work) => scheduler.after(0, () => !this.#relayDead && work()),
      buffered: () => this.#down.buffered,
      read: (wanted) => (wanted ? this.#up.resume() : this.#up.pause()),
    })
    this.#note('dial')
    this.#up.push({ kind: 'dial' }, this.#delay())
  }

  get inFlight(): number {
    return this.#up.length + this.#down.length
  }

  /** A partition is over. */
  retry(): void {
    this.#up.retry()
    this.#down.retry()
  }

  /** Breaks it for both sides; each hears of it at its own time, and what was under way before still arrives. */
  breakUp(why: string): void {
    if (this.#up.sealed && this.#down.sealed) return
    this.#note(why)
    this.#up.seal(BROKEN, this.#random.int(NOTICE))
    this.#down.seal(BROKEN, this.#random.int(NOTICE))
  }

  /** One side's process is gone: a part of what it had sent arrives, and the other side hears of the end unless `silent`. */
  kill(side: Side, silent: boolean): void {
    const [out, back] = side === 'client' ? [this.#up, this.#down] : [this.#down, this.#up]
    if (side === 'relay') this.#relayDead = true
    out.cut(this.#random.int(out.length + 1))
    out.seal(silent ? undefined : BROKEN, this.#delay())
    back.cut(0)
    back.seal(undefined, 0)
    this.#tidy()
  }

  #send(side: Side, bytes: Uint8Array, sent?: () => unknown): void {
    const pipe = side === 'client' ? this.#up : this.#down
    const [from, to] = side === 'client' ? [this.device.name, this.relay] : [this.relay, this.device.name]
    const { type, detail } = frameLabel(bytes)
    if (!isHeartbeat(type)) this.#world.touch()
    for (const listener of this.#world.onFrame) listener({ at: this.#world.scheduler.now, from, to, type, bytes })
    if (pipe.sealed) return pipe.push({ kind: 'frame', bytes, sent }, 0)
    const faults = this.#route.faults()
    if (this.#random.chance(faults.loss)) {
      sent?.()
      return this.breakUp(`lost ${type}`)
    }
    if (!isHeartbeat(type)) this.#note(side === 'client' ? 'send' : 'answer', type, detail, `${bytes.length}`)
    const twice = side === 'client' && type === 'request' && this.#random.chance(faults.duplication)
    const straggles = this.#random.chance(faults.reordering) ? this.#random.int(STRAGGLE * faults.delay[1]) : 0
    // Every second copy of what will be sent again comes so late that the repetition may overtake it.
    const late = twice && this.#random.chance(0.5) ? this.#random.int(OVERTAKEN) : straggles
    pipe.push({ kind: 'frame', bytes: bytes.slice(), sent }, this.#delay() + late)
    if (twice) {
      this.#note('twice', detail)
      this.#up.seal(BROKEN, this.#random.int(NOTICE))
      this.#down.seal(BROKEN, this.#delay())
    }
  }

  /** A side ends the connection: with a closing handshake if there is a code, otherwise at once. */
  #end(side: Side, code: number | undefined): void {
    const [out, back] = side === 'client' ? [this.#up, this.#down] : [this.#down, this.#up]
    out.seal(code ?? BROKEN, this.#delay())
    if (code === undefined) back.cut(0)
    this.#tidy()
  }

  #toRelay(cargo: Cargo): void {
    if (this.#relayDead) return
    switch (cargo.kind) {
      case 'dial': {
        const accepted = this.#route.accept(this.#server)
        this.#note(accepted ? 'open' : 'refused')
        return this.#down.push({ kind: accepted ? 'accepted' : 'refused' }, this.#delay())
      }
      case 'frame':
        this.#arrived('heard', cargo.bytes)
        this.#server.message(cargo.bytes)
        return this.#tidy()
      case 'close':
        this.#note('closed', 'relay', `${cargo.code}`)
        this.#server.closed()
        this.#down.seal(cargo.code, this.#delay())
        return this.#tidy()
    }
  }

  #toClient(cargo: Cargo): void {
    if (!this.device.alive) return
    switch (cargo.kind) {
      case 'accepted':
        return this.client.accepted()
      case 'refused':
        this.client.refused()
        this.#up.seal(undefined, 0)
        this.#down.seal(undefined, 0)
        return this.#tidy()
      case 'frame':
        this.#arrived('got', cargo.bytes)
        this.client.message(cargo.bytes)
        return this.#tidy()
      case 'close':
        this.#note('closed', 'client', `${cargo.code}`)
        this.client.closed(cargo.code)
        this.#up.seal(cargo.code, this.#delay())
        return this.#tidy()
    }
  }

  #arrived(kind: string, bytes: Uint8Array): void {
    const { type, detail } = frameLabel(bytes)
    if (isHeartbeat(type)) return
    this.#world.touch()
    this.#note(kind, type, detail, `${bytes.length}`)
  }

  #delay(): number {
    return this.#random.between(...this.#route.faults().delay)
  }

  #tidy(): void {
    if (this.#up.sealed && this.#down.sealed && this.inFlight === 0) this.#route.over()
  }

  #note(kind: string, ...what: readonly string[]): void {
    this.#world.trace.note(kind, this.#name, what.filter((part) => part !== '').join(' '))
  }
}
