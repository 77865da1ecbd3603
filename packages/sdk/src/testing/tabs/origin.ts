import type { Channel, Channels } from '../../ports/channels.ts'
import type { Lock, Locks } from '../../ports/locks.ts'
import type { Happening, Surroundings } from '../../ports/surroundings.ts'
import type { Abortable } from '../../util/abort.ts'

/** A number from 0 (inclusive) to 1. */
export type Chance = () => number

/** One tab's parts of the platform, and what may happen to it. */
export interface SimTab {
  readonly locks: Locks
  readonly channels: Channels
  readonly surroundings: Surroundings
  /** Ends it without a word: its locks are free, nothing of it reaches anybody, and nothing reaches it. */
  kill(): void
  readonly isAlive: boolean
  /** It is told that it stands still; after that nothing reaches it until `resume`. */
  freeze(): void
  resume(): void
  /** It stands still without being told, and keeps its locks: it hangs. */
  hang(): void
  /** What it said comes late, and what was said to it. */
  wake(): void
  /** Resolves at once, or when it runs again; never, when it is dead. What stands for the tab's own work waits for it. */
  running(): Promise<void>
}

interface Holder {
  readonly tab: Tab
  readonly lost: AbortController
  readonly lock: Lock
}

interface Request {
  readonly tab: Tab
  readonly grant: (lock: Lock) => void
}

interface Post {
  readonly to: OpenChannel
  readonly data: unknown
}

/**
 * Tabs of one origin in one process: locks and channels as browsers have them, without a browser. Messages from one tab
 * to another keep their order; between different tabs they come in any order, as `chance` has it.
 */
export class Origin {
  readonly #chance: Chance
  readonly #held = new Map<string, Holder>()
  readonly #lines = new Map<string, Request[]>()
  readonly #channels = new Set<OpenChannel>()
  /** What is under way, from each channel to each other one. */
  readonly #queues = new Map<string, Post[]>()
  #pumping = false
  #count = 0

  constructor(chance: Chance = Math.random) {
    this.#chance = chance
  }

  tab(): SimTab {
    return new Tab(this)
  }

  /** Names of locks that somebody holds. */
  get held(): readonly string[] {
    return [...this.#held.keys()]
  }

  holderOf(name: string): SimTab | undefined {
    return this.#held.get(name)?.tab
  }

  acquire(tab: Tab, name: string, { signal, steal }: Abortable & { readonly steal?: boolean }): Promise<Lock> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      if (!tab.isAlive) return
      const stop = () => {
        const line = this.#lines.get(name) ?? []
        const at = line.indexOf(request)
        if (at >= 0) line.splice(at, 1)
        reject(signal?.reason)
      }
      const request: Request = {
        tab,
        grant: (lock) => {
          signal?.removeEventListener('abort', stop)
          resolve(lock)
        },
      }
      signal?.addEventListener('abort', stop, { once: true })
      if (steal) {
        const holder = this.#held.get(name)
        this.#held.delete(name)
        holder?.tab.later(() => holder.lost.abort(new Error('the lock was stolen')))
        this.#lines.set(name, [request, ...(this.#lines.get(name) ?? [])])
      } else this.#lines.set(name, [...(this.#lines.get(name) ?? []), request])
      this.#grant(name)
    })
  }

  /** Everything of a tab that is no more. */
  forget(tab: Tab): void {
    for (const channel of [...this.#channels]) if (channel.tab === tab) this.close(channel)
    for (const [name, line] of this.#lines)
      this.#lines.set(
        name,
        line.filter((request) => request.tab !== tab),
      )
    for (const [name, holder] of [...this.#held]) if (holder.tab === tab) this.#free(name, holder)
  }

  open(tab: Tab, name: string): OpenChannel {
    this.#count += 1
    const channel = new OpenChannel(this, tab, name, this.#count)
    this.#channels.add(channel)
    return channel
  }

  close(channel: OpenChannel): void {
    this.#channels.delete(channel)
    // What its tab said last may not have left.
    if (!channel.tab.isAlive)
      for (const [key, posts] of this.#queues)
        if (key.startsWith(`${channel.id}>`)) posts.splice(Math.floor(this.#chance() * (posts.length + 1)))
  }

  post(from: OpenChannel, message: unknown): void {
    for (const to of this.#channels) {
      if (to === from || to.name !== from.name) continue
      const key = `${from.id}>${to.id}`
      const queue = this.#queues.get(key) ?? []
      queue.push({ to, data: structuredClone(message) })
      this.#queues.set(key, queue)
    }
    this.pump()
  }

  pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    setTimeout(() => this.#deliver(), 0)
  }

  #deliver(): void {
    this.#pumping = false
    for (let budget = 1 + Math.floor(this.#chance() * 16); budget > 0; budget--) {
      const ready = [...this.#queues].filter(([, posts]) => posts[0]?.to.tab.runs)
      const picked = ready[Math.floor(this.#chance() * ready.length)]
      if (picked === undefined) break
      const [key, posts] = picked
      const post = posts.shift() as Post
      if (posts.length === 0) this.#queues.delete(key)
      post.to.deliver(post.data)
    }
    for (const [key, [post]] of this.#queues)
      if (post === undefined || !this.#channels.has(post.to)) this.#queues.delete(key)
    if ([...this.#queues.values()].some((posts) => posts[0]?.to.tab.runs)) this.pump()
  }

  #grant(name: string): void {
    const line = this.#lines.get(name) ?? []
    if (this.#held.has(name)) return
    const request = line.shift()
    if (request === undefined) return
    const lost = new AbortController()
    const holder: Holder = {
      tab: request.tab,
      lost,
      lock: { lost: lost.signal, release: () => this.#free(name, holder) },
    }
    this.#held.set(name, holder)
    request.tab.later(() => request.grant(holder.lock))
  }

  #free(name: string, holder: Holder): void {
    if (this.#held.get(name) !== holder) return
    this.#held.delete(name)
    this.#grant(name)
  }
}

class Tab implements SimTab {
  readonly locks: Locks
  readonly channels: Channels
  readonly surroundings: Surroundings
  readonly #origin: Origin
  readonly #listeners = new Set<(happening: Happening) => void>()
  /** What happened while it stood still. */
  readonly #waiting: (() => void)[] = []
  #state: 'runs' | 'still' | 'dead' = 'runs'

  constructor(origin: Origin) {
    this.#origin = origin
    this.locks = {
      acquire: (name, options = {}) => origin.acquire(this, name, options),
    }
    this.channels = { open: (name) => origin.open(this, name) }
    this.surroundings = {
      online: true,
      listen: (listener) => {
        this.#listeners.add(listener)
        return () => this.#listeners.delete(listener)
      },
    }
  }

  get isAlive(): boolean {
    return this.#state !== 'dead'
  }
  get runs(): boolean {
    return this.#state === 'runs'
  }

  running(): Promise<void> {
    return new Promise((resolve) => this.later(resolve))
  }

  /** At once, or when it runs again. */
  later(deed: () => void): void {
    if (this.#state === 'runs') deed()
    else if (this.#state === 'still') this.#waiting.push(deed)
  }

  kill(): void {
    if (this.#state === 'dead') return
    this.#state = 'dead'
    this.#origin.forget(this)
  }

  freeze(): void {
    if (this.#state !== 'runs') return
    for (const listener of [...this.#listeners]) listener('freeze')
    this.#state = 'still'
  }

  resume(): void {
    this.wake()
    for (const listener of [...this.#listeners]) listener('resume')
  }

  hang(): void {
    if (this.#state === 'runs') this.#state = 'still'
  }

  wake(): void {
    if (this.#state !== 'still') return
    this.#state = 'runs'
    for (const deed of this.#waiting.splice(0)) deed()
    this.#origin.pump()
  }
}

class OpenChannel implements Channel {
  readonly tab: Tab
  readonly name: string
  readonly id: number
  readonly #origin: Origin
  readonly #listeners = new Set<(message: unknown) => void>()

  constructor(origin: Origin, tab: Tab, name: string, id: number) {
    this.#origin = origin
    this.tab = tab
    this.name = name
    this.id = id
  }

  post(message: unknown): void {
    const data = structuredClone(message)
    this.tab.later(() => this.#origin.post(this, data))
  }

  listen(listener: (message: unknown) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  deliver(message: unknown): void {
    for (const listener of [...this.#listeners]) listener(message)
  }

  close(): void {
    this.#origin.close(this)
  }
}
