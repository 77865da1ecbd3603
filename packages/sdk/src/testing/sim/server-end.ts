import type { Wire } from './client-end.ts'
import { Emitter } from './emitter.ts'
import type { ServerSocket } from './relay-host.ts'

const OPEN = 1
const CLOSING = 2
const CLOSED = 3
const NORMAL = 1000

export interface ServerWire extends Wire {
  /** Whether what arrives is read. */
  read(wanted: boolean): void
}

/** A relay's end of a simulated link, in the shape of a `ws` socket. */
export class ServerEnd implements ServerSocket {
  readonly OPEN = OPEN
  readonly CLOSED = CLOSED
  readonly #wire: ServerWire
  readonly #events = new Emitter()
  #state = OPEN

  constructor(wire: ServerWire) {
    this.#wire = wire
  }

  get readyState(): number {
    return this.#state
  }

  get bufferedAmount(): number {
    return this.#wire.buffered()
  }

  on(event: string, listener: (...values: never[]) => void): void {
    this.#events.add(event, listener)
  }

  once(event: string, listener: () => void): void {
    this.#events.add(event, listener, true)
  }

  send(data: Uint8Array, sent: () => void): void {
    if (this.#state === OPEN) this.#wire.send(data, sent)
  }

  close(code = NORMAL): void {
    if (this.#state !== OPEN) return
    this.#state = CLOSING
    this.#wire.end(code)
  }

  terminate(): void {
    if (this.#state === CLOSED) return
    this.#wire.end(undefined)
    this.#wire.later(() => this.closed())
  }

  pause(): void {
    this.#wire.read(false)
  }

  resume(): void {
    this.#wire.read(true)
  }

  message(bytes: Uint8Array): void {
    if (this.#state === OPEN) this.#events.emit('message', bytes, true)
  }

  closed(): void {
    if (this.#state === CLOSED) return
    this.#state = CLOSED
    this.#events.emit('close')
  }
}
