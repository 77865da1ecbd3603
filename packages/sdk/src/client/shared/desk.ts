import { DchatError, isDchatError } from '../../errors.ts'
import type { Abortable } from '../../util/abort.ts'
import { abortable } from '../../util/wait.ts'
import { type Backend, OwnerGone } from './backend.ts'
import { type CallArgs, type CallName, type CallResult, DONE, UNSURE } from './methods.ts'
import type { Facts } from './protocol.ts'

/** Where the calls of this tab go: to whoever works for it now, and again to the next one if that one ends meanwhile. */
export class Desk {
  readonly #followers = new Set<(backend: Backend) => void>()
  readonly #enders = new Set<() => void>()
  readonly #closed = new DchatError('usage/closed', { what: 'client' })
  #isClosed = false
  #backend: Backend | undefined
  #failure: unknown
  #facts: Facts | undefined
  #waiting: { readonly resolve: (backend: Backend) => void; readonly reject: (error: unknown) => void }[] = []
  #busy = 0

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** True while somebody waits for an answer or for an owner. */
  get isBusy(): boolean {
    return this.#busy > 0
  }

  /** As they were last known. */
  get facts(): Facts {
    this.#facts = this.#backend?.facts() ?? this.#facts
    if (this.#facts === undefined) throw new DchatError('usage/closed', { what: 'client' })
    return this.#facts
  }

  set(backend: Backend): void {
    if (this.#isClosed) return
    this.#backend = backend
    this.#facts = backend.facts()
    this.#failure = undefined
    for (const { resolve } of this.#waiting.splice(0)) resolve(backend)
    for (const follower of [...this.#followers]) follower(backend)
  }

  /** Nobody works for this tab until the next `set`. */
  clear(backend: Backend): void {
    if (this.#backend !== backend) return
    this.#facts = backend.facts()
    this.#backend = undefined
  }

  /** Nobody can be found who might: whoever waits is told why, until there is somebody. */
  fail(error: unknown): void {
    this.#failure = { error }
    for (const { reject } of this.#waiting.splice(0)) reject(error)
  }

  close(): void {
    if (this.#isClosed) return
    if (this.#backend !== undefined) this.clear(this.#backend)
    this.#isClosed = true
    for (const { reject } of this.#waiting.splice(0)) reject(this.#closed)
    for (const end of [...this.#enders]) end()
  }

  /** Calls back when this tab's client is closed; the result ends it. */
  onClose(end: () => void): () => void {
    this.#enders.add(end)
    return () => this.#enders.delete(end)
  }

  /** Whoever works for this tab, now or as soon as there is somebody. */
  async get(options: Abortable = {}): Promise<Backend> {
    if (this.#isClosed) throw this.#closed
    if (this.#backend !== undefined) return this.#backend
    if (this.#failure !== undefined) throw (this.#failure as { readonly error: unknown }).error
    const found = new Promise<Backend>((resolve, reject) => this.#waiting.push({ resolve, reject }))
    return this.track(abortable(found, options))
  }

  /** Calls back with whoever works for this tab, at once if there is somebody, and with each one after; the result ends it. */
  follow(follower: (backend: Backend) => void): () => void {
    this.#followers.add(follower)
    if (this.#backend !== undefined) follower(this.#backend)
    return () => this.#followers.delete(follower)
  }

  /** Counts as waiting until it is settled. */
  async track<T>(work: Promise<T>): Promise<T> {
    this.#busy += 1
    try {
      return await work
    } finally {
      this.#busy -= 1
    }
  }

  #untilClosed<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const stop = this.onClose(() => reject(this.#closed))
      work.then(resolve, reject).finally(stop)
    })
  }

  async call<N extends CallName>(name: N, args: CallArgs<N>, { signal }: Abortable = {}): Promise<CallResult<N>> {
    for (let repeated = false; ; repeated = true) {
      const backend = await this.get({ signal })
      try {
        return (await this.track(this.#untilClosed(backend.call(name, args, { signal })))) as CallResult<N>
      } catch (error) {
        if (error instanceof OwnerGone) {
          this.clear(backend)
          continue
        }
        if (repeated) return judged<N>(name, error)
        throw error
      }
    }
  }
}

/** What the failure of a repetition says about the first attempt. */
const judged = <N extends CallName>(name: N, error: unknown): CallResult<N> => {
  const done = DONE[name]
  if (done !== undefined && isDchatError(error, done)) return undefined as CallResult<N>
  const unsure = UNSURE[name]
  if (unsure !== undefined && isDchatError(error, unsure))
    throw new DchatError('transport/unconfirmed', { waited: 0 }, { cause: error })
  throw error
}
