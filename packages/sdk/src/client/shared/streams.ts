import { DchatError } from '../../errors.ts'
import type { Arrival } from '../../records/arrival.ts'
import type { Cursor } from '../../records/ids.ts'
import type { Message } from '../../records/message.ts'
import type { Abortable } from '../../util/abort.ts'
import { abortable } from '../../util/wait.ts'
import type { Messages } from '../client.ts'
import { type Backend, OwnerGone, type Puller } from './backend.ts'
import type { Desk } from './desk.ts'
import type { Plain, StreamArgs, StreamItem, StreamName } from './methods.ts'

/** How a stream begins, and goes on with the next owner. */
export interface Plan<T> {
  /** At an owner. Called at once for those that tell what happens from the call on, else with the first `next`. */
  readonly begin: (backend: Backend) => Promise<Puller> | Puller
  readonly live: boolean
  /** The signal ends it quietly, as the stream of an unshared client does; else `next` rejects with its reason. */
  readonly quiet: boolean
  /** Given first after each change of owner. */
  readonly changed?: T
  /** False: it was given before. */
  readonly take?: (item: T) => boolean
}

/** A stream over any number of owners. */
class SharedStream<T> implements AsyncIterableIterator<T> {
  readonly #desk: Desk
  readonly #plan: Plan<T>
  readonly #signal: AbortSignal | undefined
  readonly #over = new AbortController()
  readonly #end = () => this.#finish()
  #unfollow: (() => void) | undefined
  #unlisten: (() => void) | undefined
  #at: { readonly backend: Backend; readonly puller: Promise<Puller> } | undefined
  #owners = 0
  #hasChanged = false
  #tail: Promise<unknown> = Promise.resolve()

  constructor(desk: Desk, plan: Plan<T>, { signal }: Abortable = {}) {
    this.#desk = desk
    this.#plan = plan
    this.#signal = signal
    if (signal?.aborted || desk.isClosed) this.#finish()
    if (this.#over.signal.aborted) return
    signal?.addEventListener('abort', this.#end, { once: true })
    this.#unlisten = desk.onClose(this.#end)
    if (plan.live)
      this.#unfollow = desk.follow((backend) => {
        void this.#moveTo(backend)
      })
  }

  /** One at a time, however often it is asked. */
  next(): Promise<IteratorResult<T>> {
    const step = this.#tail.then(() => this.#next())
    this.#tail = step.catch(() => undefined)
    return step
  }

  async return(): Promise<IteratorResult<T>> {
    this.#finish()
    return { value: undefined, done: true }
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return this
  }

  async #next(): Promise<IteratorResult<T>> {
    const { signal } = this.#over
    while (!signal.aborted) {
      let backend: Backend | undefined
      try {
        backend = await this.#desk.get({ signal })
        const puller = await abortable(this.#moveTo(backend), { signal })
        if (this.#hasChanged && this.#plan.changed !== undefined) {
          this.#hasChanged = false
          return { value: this.#plan.changed, done: false }
        }
        const step = await this.#desk.track(abortable(puller.next(), { signal }))
        if (step.done) {
          this.#finish()
          break
        }
        const item = step.value as T
        if (this.#plan.take?.(item) ?? true) return { value: item, done: false }
      } catch (error) {
        if (signal.aborted) break
        if (error instanceof OwnerGone && backend !== undefined) {
          this.#desk.clear(backend)
          continue
        }
        this.#finish()
        throw error
      }
    }
    if (!this.#plan.quiet) this.#signal?.throwIfAborted()
    return { value: undefined, done: true }
  }

  #moveTo(backend: Backend): Promise<Puller> {
    if (this.#at?.backend === backend) return this.#at.puller
    this.#owners += 1
    if (this.#owners > 1) this.#hasChanged = true
    const puller = new Promise<Puller>((resolve) => resolve(this.#plan.begin(backend)))
    puller.catch(() => undefined)
    this.#at = { backend, puller }
    return puller
  }

  #finish(): void {
    if (this.#over.signal.aborted) return
    this.#over.abort()
    this.#unfollow?.()
    this.#signal?.removeEventListener('abort', this.#end)
    this.#unlisten?.()
    this.#at?.puller.then((puller) => puller.close()).catch(() => undefined)
  }
}

/** What happens from now on; what happens while nobody has the store is missed. */
export const liveStream = <N extends StreamName>(
  desk: Desk,
  name: N,
  args: StreamArgs<N>,
  options: Abortable,
  changed?: StreamItem<N>,
): AsyncIterableIterator<StreamItem<N>> =>
  new SharedStream<StreamItem<N>>(
    desk,
    { begin: (backend) => backend.open(name, args), live: true, quiet: false, ...(changed && { changed }) },
    options,
  )

/** Everything once, then what changed. The next owner begins with everything again: what was given before is left out. */
export const listStream = <N extends StreamName>(
  desk: Desk,
  name: N,
  args: StreamArgs<N>,
  keyOf: (item: StreamItem<N>) => string,
  options: Abortable,
): AsyncIterableIterator<StreamItem<N>> => {
  const given = new Map<string, string>()
  const take = (item: StreamItem<N>): boolean => {
    const shape = JSON.stringify(item)
    if (given.get(keyOf(item)) === shape) return false
    given.set(keyOf(item), shape)
    return true
  }
  const plan = { begin: (backend: Backend) => backend.open(name, args), live: false, quiet: true, take }
  return new SharedStream<StreamItem<N>>(desk, plan, options)
}

type StreamOptions = NonNullable<Parameters<Messages['stream']>[0]>

/** Streams from a stored cursor, and what each gives an item's place by. */
const PLACES = {
  'messages.stream': ({ cursor }: Message) => cursor,
  'messages.arrivals': ({ cursor }: Arrival) => cursor,
} as const

/**
 * Messages from a stored cursor. With the next owner it goes on after the last one that was handed out: it is asked for
 * because the next one is wanted, so the last one is acknowledged there first. None is lost, none comes twice.
 */
export const arrivalStream = <N extends keyof typeof PLACES>(
  desk: Desk,
  name: N,
  given: StreamOptions,
): AsyncIterableIterator<StreamItem<N>> => {
  const placeOf = PLACES[name] as (item: StreamItem<N>) => Cursor | undefined
  const { signal, ...options } = given
  let after: StreamOptions['after'] = options.after
  let last: Cursor | undefined
  const begin = async (backend: Backend): Promise<Puller> => {
    if (last !== undefined && !options.manual)
      await backend.call('messages.ack', [last, options.name === undefined ? {} : { name: options.name }])
    // 'now' is when it was asked for, not when the next owner came.
    if (after === 'now') after = (await backend.call('messages.cursor', [])) as Cursor
    const plain: Plain<StreamOptions> = { ...options, ...(after === undefined ? {} : { after }) }
    return backend.open(name, [plain] as StreamArgs<N>)
  }
  const take = (item: StreamItem<N>): boolean => {
    last = placeOf(item) ?? last
    after = last ?? after
    return true
  }
  return new SharedStream<StreamItem<N>>(desk, { begin, live: false, quiet: true, take }, { signal })
}

/** What one owner alone can bring to its end; with the next one it fails with `usage/closed`. */
export const wholeStream = <N extends StreamName>(
  desk: Desk,
  name: N,
  args: StreamArgs<N>,
  what: string,
  options: Abortable,
): AsyncIterableIterator<StreamItem<N>> => {
  let hasBegun = false
  const begin = (backend: Backend): Puller => {
    if (hasBegun) throw new DchatError('usage/closed', { what })
    hasBegun = true
    return backend.open(name, args)
  }
  return new SharedStream<StreamItem<N>>(desk, { begin, live: false, quiet: false }, options)
}
