import type { Clock } from '../../ports/clock.ts'
import type { Socket } from './socket.ts'

/** Bytes in the socket above which frames wait here. */
const HIGH_WATER = 1024 * 1024
/** Bytes that may wait here. */
const QUEUE_LIMIT = 8 * 1024 * 1024
/** ms between looks at a full socket: browsers have no event for it. */
const LOOK_AGAIN = 10

/** The way out of one connection: in order, and bounded for a peer that reads too slowly. */
export class Outgoing {
  readonly #queue: Uint8Array[] = []
  readonly #stop = new AbortController()
  readonly #socket: Socket
  readonly #clock: Clock
  #queued = 0
  #pumping = false

  constructor(socket: Socket, clock: Clock) {
    this.#socket = socket
    this.#clock = clock
  }

  /** False if the buffer is full: nothing was sent. */
  send(bytes: Uint8Array): boolean {
    if (this.#stop.signal.aborted || this.#queued + bytes.length > QUEUE_LIMIT) return false
    this.#queue.push(bytes)
    this.#queued += bytes.length
    if (!this.#pumping) void this.#pump()
    return true
  }

  stop(): void {
    this.#stop.abort()
    this.#queue.length = 0
  }

  async #pump(): Promise<void> {
    this.#pumping = true
    try {
      for (let next = this.#queue[0]; next; next = this.#queue[0]) {
        while (this.#socket.buffered > HIGH_WATER) await this.#clock.sleep(LOOK_AGAIN, { signal: this.#stop.signal })
        this.#queue.shift()
        this.#queued -= next.length
        this.#socket.send(next)
      }
    } catch {
      // Stopped, or the socket has gone: its own event says so.
    } finally {
      this.#pumping = false
    }
  }
}
