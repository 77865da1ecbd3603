import { TYPING_PAUSE, TYPING_SHOWN } from '../../domain/presence/rules.ts'
import { DchatError } from '../../errors.ts'
import type { Address, ConversationId } from '../../records/ids.ts'
import type { PresenceEvent, PresenceState } from '../../records/presence.ts'
import type { Abortable } from '../../util/abort.ts'
import { Broadcast } from '../../util/broadcast.ts'
import { elapsed } from '../../util/time.ts'
import { getConversation } from '../conversation-store.ts'
import { branch, type Core } from '../core.ts'
import { consentOf } from '../people/consent.ts'
import type { Rooms } from '../rooms/rooms.ts'
import { Lapses } from './lapses.ts'
import { keepLastSeen, lastSeenOf } from './last-seen.ts'
import { placeOf, readSignalling } from './places.ts'
import { SignalSender } from './send-signal.ts'
import { Sightings } from './sightings.ts'
import { Watch } from './watch.ts'

/** Conversations whose typing is remembered. */
const TOLD_LIMIT = 16
/** ms that presence goes on after the last listener went: an app that changes its view does not say goodbye. */
const LINGER = 5_000

/** What presence does once it was asked for. It runs as long as somebody listens. */
export class PresenceWork {
  readonly #core: Core
  readonly #rooms: Rooms
  readonly #events = new Broadcast<PresenceEvent>()
  readonly #sender = new SignalSender()
  readonly #sightings: Sightings
  readonly #lingering: Lapses
  /** When typing was told last, ms since 1970; newest last. */
  readonly #told = new Map<ConversationId, number>()
  #listeners = 0
  #watch: Watch | undefined

  constructor(core: Core, rooms: Rooms) {
    this.#core = branch(core)
    this.#rooms = rooms
    const { clock, signal, updates } = this.#core
    this.#sightings = new Sightings(clock, signal, (event) => this.#tell(event))
    this.#lingering = new Lapses(clock, signal)
    updates.on(({ own, conversation, from, state, editedAt, reactions }) => {
      // After a message typing begins anew: here it may be told at once, there it is over.
      if (own && state === 'queued') this.#told.delete(conversation)
      else if (!own && state === 'delivered' && editedAt === undefined && reactions === undefined)
        this.#sightings.stopped(conversation, from)
    })
    if (signal.aborted) this.#events.close()
    else signal.addEventListener('abort', () => this.#events.close(), { once: true })
  }

  async typing(id: ConversationId): Promise<void> {
    const { clock, signal } = this.#core
    const place = await this.#place(id)
    if (place?.typing !== true || elapsed(this.#told.get(id) ?? Number.NEGATIVE_INFINITY, clock.now()) < TYPING_PAUSE)
      return
    this.#told.delete(id)
    this.#told.set(id, clock.now())
    const [oldest] = this.#told.keys()
    if (this.#told.size > TOLD_LIMIT && oldest !== undefined) this.#told.delete(oldest)
    this.#watch?.attend([...this.#told.keys()])
    if (!(await this.#sender.send(place.session, 'typing', signal))) this.#told.delete(id)
  }

  async stopped(id: ConversationId): Promise<void> {
    const { clock, signal } = this.#core
    const place = await this.#place(id)
    const told = this.#told.get(id)
    this.#told.delete(id)
    if (place?.typing !== true || told === undefined || elapsed(told, clock.now()) >= TYPING_SHOWN) return
    await this.#sender.send(place.session, 'stopped', signal)
  }

  of(address: Address): Promise<PresenceState> {
    return this.#core.store.read(async (tx) => {
      const consent = await consentOf(tx, address)
      const { presence } = await readSignalling(tx)
      if (!presence || consent === 'blocked' || consent === 'denied') return { online: false }
      const now = this.#sightings.seen(address)
      const lastSeen = now ?? (await lastSeenOf(tx, address))
      return { online: now !== undefined, ...(lastSeen === undefined ? {} : { lastSeen }) }
    })
  }

  /** Who is online and types now, then what changes. */
  stream(options: Abortable): AsyncIterableIterator<PresenceEvent> {
    const events = this.#events.stream(options)
    const known = [...this.#sightings.now()]
    let isOpen = !this.#core.signal.aborted && options.signal?.aborted !== true
    if (isOpen) this.#begin()
    const end = () => {
      options.signal?.removeEventListener('abort', end)
      if (isOpen) this.#end()
      isOpen = false
    }
    options.signal?.addEventListener('abort', end, { once: true })
    const stream: AsyncIterableIterator<PresenceEvent> = {
      next: async () => {
        const value = isOpen ? known.shift() : undefined
        if (value !== undefined) return { value, done: false }
        const step = await events.next()
        if (step.done) end()
        return step
      },
      return: async () => {
        end()
        return (await events.return?.()) ?? { value: undefined, done: true }
      },
      [Symbol.asyncIterator]: () => stream,
    }
    return stream
  }

  async goodbye(): Promise<void> {
    const watch = this.#watch
    this.#watch = undefined
    if (watch === undefined) return
    await Promise.all([keepLastSeen(this.#core.store, this.#sightings.all()), watch.end()])
    this.#sightings.keep(new Set(), new Set())
  }

  #tell(event: PresenceEvent): void {
    this.#events.emit(event)
    if (event.type === 'online') this.#run(keepLastSeen(this.#core.store, [[event.from, this.#core.clock.now()]]))
    if (event.type === 'offline') this.#run(keepLastSeen(this.#core.store, [[event.from, event.lastSeen]]))
  }

  #begin(): void {
    this.#listeners += 1
    this.#lingering.cancel('end')
    if (this.#watch !== undefined) return
    this.#watch = new Watch(this.#core, this.#rooms, this.#sender, this.#sightings)
    this.#run(this.#watch.run())
  }

  #end(): void {
    this.#listeners -= 1
    if (this.#listeners > 0 || this.#core.signal.aborted) return
    this.#lingering.renew('end', LINGER, () => {
      if (this.#listeners === 0) this.#run(this.goodbye())
    })
  }

  /** Throws `conversation/unknown`. */
  #place(id: ConversationId) {
    const { store, sending } = this.#core
    return store.read(async (tx) => {
      const record = await getConversation(tx, id)
      if (record === undefined) throw new DchatError('conversation/unknown', { conversation: id })
      return sending.isOpen ? placeOf(tx, this.#rooms, record, await readSignalling(tx)) : undefined
    })
  }

  #run(work: Promise<void>): void {
    const { signal, log } = this.#core
    work.catch(() => {
      if (!signal.aborted) log.warn('presence failed')
    })
  }
}
