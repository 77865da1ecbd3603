import type { WebSocketLike } from '../../adapters/transport/socket.ts'
import { Emitter } from './emitter.ts'
import { BROKEN } from './pipe.ts'

/** What an end asks of its connection. */
export interface Wire {
  send(bytes: Uint8Array, sent?: () => void): void
  /** With a code: a closing handshake begins; without: cut. */
  end(code: number | undefined): void
  later(work: () => void): void
  buffered(): number
}

const NORMAL = 1000

/** A device's end of a simulated link: the part of the WebSocket API that a link uses. */
export class ClientEnd implements WebSocketLike {
  binaryType = 'arraybuffer'
  readonly #wire: Wire
  readonly #events = new Emitter()
  #state: 'connecting' | 'open' | 'closing' | 'closed' = 'connecting'

  constructor(wire: Wire) {
    this.#wire = wire
  }

  get bufferedAmount(): number {
    return this.#wire.buffered()
  }

  addEventListener(event: string, listener: (value: never) => void): void {
    this.#events.add(event, listener)
  }

  send(data: Uint8Array): void {
    if (this.#state === 'connecting') throw new Error('the socket is not open yet')
    if (this.#state === 'open') this.#wire.send(data)
  }

  close(code = NORMAL): void {
    if (this.#state === 'closing' || this.#state === 'closed') return
    if (this.#state === 'connecting') return this.terminate()
    this.#state = 'closing'
    this.#wire.end(code)
  }

  terminate(): void {
    if (this.#state === 'closed') return
    this.#wire.end(undefined)
    this.#wire.later(() => this.closed(BROKEN))
  }

  accepted(): void {
    if (this.#state !== 'connecting') return
    this.#state = 'open'
    this.#events.emit('open')
  }

  refused(): void {
    if (this.#state !== 'connecting') return
    this.#events.emit('error', { error: { code: 'ECONNREFUSED' } })
    this.closed(BROKEN)
  }

  message(bytes: Uint8Array): void {
    if (this.#state === 'open') this.#events.emit('message', { data: bytes.slice().buffer })
  }

  closed(code: number): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#events.emit('close', { code })
  }
}
