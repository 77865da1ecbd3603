import type { Scheduler, Timer } from './scheduler.ts'

export type Cargo =
  | { readonly kind: 'dial' | 'accepted' | 'refused' }
  | { readonly kind: 'frame'; readonly bytes: Uint8Array; readonly sent?: (() => unknown) | undefined }
  /** The end of the direction. `code`: of a closing handshake; 1006 where there was none. */
  | { readonly kind: 'close'; readonly code: number }

export const BROKEN = 1006

export interface PipeOptions {
  readonly scheduler: Scheduler
  /** True while nothing may pass. */
  readonly isStalled: () => boolean
  readonly deliver: (cargo: Cargo) => void
}

/** Bytes under way that a sender does not notice: what the system's buffers take. */
const KERNEL = 256 * 1024

const sizeOf = (cargo: Cargo): number => (cargo.kind === 'frame' ? cargo.bytes.length : 0)

/** One direction of a connection: in order, each piece at its time or when the one before it has arrived. */
export class Pipe {
  readonly #options: PipeOptions
  readonly #queue: { readonly due: number; readonly cargo: Cargo }[] = []
  #timer: Timer | undefined
  #last = 0
  #bytes = 0
  #sealed = false
  #paused = false

  constructor(options: PipeOptions) {
    this.#options = options
  }

  get length(): number {
    return this.#queue.length
  }

  /** Bytes that the sender sees waiting. */
  get buffered(): number {
    return Math.max(0, this.#bytes - KERNEL)
  }

  /** True once the end of this direction is under way: nothing more is taken. */
  get sealed(): boolean {
    return this.#sealed
  }

  push(cargo: Cargo, delay: number): void {
    if (this.#sealed) {
      if (cargo.kind === 'frame') cargo.sent?.()
      return
    }
    this.#last = Math.max(this.#last, this.#options.scheduler.now + delay)
    this.#queue.push({ due: this.#last, cargo })
    this.#bytes += sizeOf(cargo)
    this.#plan()
  }

  /** The last thing that goes this way. Without a code the other side never hears of it. */
  seal(code: number | undefined, delay: number): void {
    if (this.#sealed) return
    if (code !== undefined) this.push({ kind: 'close', code }, delay)
    this.#sealed = true
  }

  /** Loses what is under way, but for the first `keep` pieces. */
  cut(keep: number): void {
    for (const { cargo } of this.#queue.splice(keep)) this.#bytes -= sizeOf(cargo)
    this.#last = this.#queue.at(-1)?.due ?? 0
    this.#timer?.cancel()
    this.#timer = undefined
    this.#plan()
  }

  /** The receiver does not read. */
  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#plan()
  }

  /** Something that held it up may be gone. */
  retry(): void {
    this.#plan()
  }

  #plan(): void {
    const head = this.#queue[0]
    if (this.#timer || !head || this.#paused || this.#options.isStalled()) return
    this.#timer = this.#options.scheduler.after(head.due - this.#options.scheduler.now, () => this.#arrive())
  }

  #arrive(): void {
    this.#timer = undefined
    if (this.#paused || this.#options.isStalled()) return
    const next = this.#queue.shift()
    if (!next) return
    const { cargo } = next
    this.#bytes -= sizeOf(cargo)
    this.#options.deliver(cargo)
    if (cargo.kind === 'frame') cargo.sent?.()
    this.#plan()
  }
}
