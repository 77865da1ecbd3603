import { encodeFrame, type Frame } from '@dchat/sdk/wire'
import type { Metrics } from '../metrics.ts'
import type { PeerSocket } from './peer-socket.ts'

/**
 * The way out of one connection. It never refuses a frame, it tells: while more than `limit` bytes wait for the peer,
 * `congested` is true, and whoever produces frames waits for `flowing`. So memory is bounded by what is in work.
 */
export class Sender {
  readonly #socket: PeerSocket
  readonly #limit: number
  readonly #metrics: Metrics
  readonly #onChange: (congested: boolean) => void
  #congested = false
  #corked = false
  #waiting: (() => void)[] = []

  constructor(socket: PeerSocket, limit: number, metrics: Metrics, onChange: (congested: boolean) => void) {
    this.#socket = socket
    this.#limit = limit
    this.#metrics = metrics
    this.#onChange = onChange
  }

  get congested(): boolean {
    return this.#congested
  }

  /** Resolves when frames may be produced again, or the connection is gone. */
  flowing(): Promise<void> {
    return this.#congested ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve()
  }

  /** Throws `protocol/too-large` for a frame that does not fit. */
  send(frame: Frame): void {
    this.post(encodeFrame(frame))
  }

  /** A frame that is encoded already. */
  post(bytes: Uint8Array): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    this.#metrics.sentBytes.inc(bytes.length)
    this.#gather()
    this.#socket.send(bytes, this.#flushed)
    if (!this.#congested && this.#socket.bufferedAmount > this.#limit) {
      this.#congested = true
      this.#onChange(true)
    }
  }

  /** Wakes everybody who waits; to be called when the connection is gone. */
  end(): void {
    this.#release()
  }

  /** A group commit has many frames for one peer: they leave together, in one call of the system. */
  #gather(): void {
    if (this.#corked || !this.#socket.stream) return
    this.#corked = true
    this.#socket.stream.cork()
    process.nextTick(this.#scatter)
  }

  readonly #scatter = (): void => {
    this.#corked = false
    this.#socket.stream?.uncork()
  }

  readonly #flushed = (): void => {
    if (this.#congested && this.#socket.bufferedAmount <= this.#limit / 2) this.#release()
  }

  #release(): void {
    this.#congested = false
    this.#onChange(false)
    for (const wake of this.#waiting.splice(0)) wake()
  }
}
