import { BEAT, jittered } from '../../domain/presence/rules.ts'
import type { Member } from '../../protocol/mls/engine.ts'
import type { Signal, SignalKind } from '../../protocol/signals/signal.ts'
import type { ConversationId } from '../../records/ids.ts'
import { askAhead } from '../../util/streams.ts'
import { elapsed } from '../../util/time.ts'
import { within } from '../../util/wait.ts'
import type { Core } from '../core.ts'
import { isBlocked } from '../people/consent.ts'
import type { Rooms } from '../rooms/rooms.ts'
import { hearSignals } from './hear-signals.ts'
import { type Place, placesNow, readSignalling } from './places.ts'
import type { SignalSender } from './send-signal.ts'
import type { Sightings } from './sightings.ts'

/** ms within which changes of conversations and settings are looked at together. */
const SETTLE = 500
/** ms until the first sign of life, and until one is tried again that found no connection. */
const FIRST = 1_000
const AGAIN = 5_000
/** ms between an own sign of life and an answer to a newcomer, at least. */
const PAUSE = 5_000
/** ms between two answers to those who were there before: more than an answer takes, so that nobody answers for ever. */
const ANSWERS = 15_000
/** ms that a goodbye may take. */
const GOODBYE = 3_000

interface Watched {
  readonly place: Place
  readonly over: AbortController
  /** When this person was last said to be online there, ms since 1970. */
  told?: number
  answering?: boolean
  /** When somebody was answered there last who had been there before, ms since 1970. */
  answered?: number
}

/** Hears and tells in the conversations that matter, from `run` to `end`. */
export class Watch {
  readonly #core: Core
  readonly #rooms: Rooms
  readonly #sender: SignalSender
  readonly #sightings: Sightings
  readonly #over = new AbortController()
  readonly #watched = new Map<string, Watched>()
  #attended: readonly ConversationId[] = []
  #renewing: Promise<void> = Promise.resolve()

  constructor(core: Core, rooms: Rooms, sender: SignalSender, sightings: Sightings) {
    this.#core = { ...core, signal: AbortSignal.any([core.signal, this.#over.signal]) }
    this.#rooms = rooms
    this.#sender = sender
    this.#sightings = sightings
  }

  async run(): Promise<void> {
    const { store, clock, sending, signal } = this.#core
    await sending.wait({ signal })
    const changes = store.changes(['conversations', 'rooms', 'personal'], { signal })[Symbol.asyncIterator]()
    for (let changed = askAhead(changes); ; changed = askAhead(changes)) {
      this.#renewing = this.#renew()
      await this.#renewing
      if ((await changed).done) return
      await clock.sleep(SETTLE, { signal })
    }
  }

  /** Conversations that count however old they are. */
  attend(conversations: readonly ConversationId[]): void {
    const isNew = conversations.some((id) => !this.#attended.includes(id))
    this.#attended = conversations
    if (isNew) this.#renewing = this.#renewing.then(() => this.#renew()).catch(() => undefined)
  }

  /** Stops, and says goodbye. */
  async end(): Promise<void> {
    const { clock, signal } = this.#core
    const watched = [...this.#watched.values()]
    const told = watched.filter(({ told }) => told !== undefined)
    // A sign of life behind the goodbye would take it back.
    for (const { over } of watched) over.abort()
    await within(clock, GOODBYE, (over) => Promise.all(told.map(({ place }) => this.#say(place, 'offline', over))), {
      signal,
    }).catch(() => false)
    this.#over.abort()
  }

  async #renew(): Promise<void> {
    const { store, signal } = this.#core
    const { places, settings } = await store.read(async (tx) => {
      const settings = await readSignalling(tx)
      return { settings, places: await placesNow(tx, this.#rooms, settings, this.#attended) }
    })
    signal.throwIfAborted()
    const wanted = new Map(places.map((place) => [keyOf(place), place]))
    for (const [key, watched] of [...this.#watched]) {
      if (wanted.has(key)) continue
      this.#watched.delete(key)
      watched.over.abort()
      // Who turned presence off is gone for others at once; of who was blocked nobody hears anything.
      if (!settings.presence && watched.told !== undefined)
        this.#say(watched.place, 'offline', signal).catch(() => undefined)
    }
    for (const [key, place] of wanted) if (!this.#watched.has(key)) this.#begin(key, place)
    this.#sightings.keep(
      new Set(places.filter(({ typing }) => typing).map(({ conversation }) => conversation)),
      new Set(places.flatMap(({ presence, peer }) => (presence && peer !== undefined ? [peer] : []))),
    )
  }

  #begin(key: string, place: Place): void {
    const { signal, log } = this.#core
    const over = new AbortController()
    const running = AbortSignal.any([signal, over.signal])
    const watched: Watched = { place, over }
    const hear = (heard: Signal, sender: Member) => this.#hear(watched, heard, sender)
    const loops = [hearSignals(place.session, hear, running), ...(place.presence ? [this.#beat(watched, running)] : [])]
    this.#watched.set(key, watched)
    Promise.all(loops).catch(() => {
      if (!running.aborted) log.warn('signals of a conversation failed')
    })
  }

  /** Tells now and then that this person is online. */
  async #beat(watched: Watched, signal: AbortSignal): Promise<void> {
    const { clock } = this.#core
    await clock.sleep(this.#jittered(FIRST), { signal })
    while (!signal.aborted) {
      const isOut = await this.#tell(watched, signal)
      await clock.sleep(this.#jittered(isOut ? BEAT : AGAIN), { signal })
    }
  }

  async #tell(watched: Watched, signal: AbortSignal): Promise<boolean> {
    const before = watched.told
    // It may arrive though nobody answers: then a goodbye is due.
    watched.told = this.#core.clock.now()
    const isOut = await this.#say(watched.place, 'online', signal)
    if (!isOut && before === undefined) delete watched.told
    return isOut
  }

  async #hear(watched: Watched, { kind }: Signal, { address, device }: Member): Promise<void> {
    const { place, over } = watched
    const { store, clock } = this.#core
    const { conversation, peer } = place
    // What was turned off or blocked this very moment counts at once.
    const { blocked, settings } = await store.read(async (tx) => ({
      blocked: await isBlocked(tx, address),
      settings: await readSignalling(tx),
    }))
    if (blocked) return
    const typing = place.typing && settings.typing
    const presence = place.presence && settings.presence
    if (kind === 'typing' && typing) this.#sightings.typing(conversation, address, device)
    if (kind === 'stopped' && typing) this.#sightings.stopped(conversation, address, device)
    if (!presence || address !== peer) return
    if (kind === 'offline') this.#sightings.offline(address, device)
    if (kind !== 'online') return
    const sign = this.#sightings.online(address, device)
    // Whoever has just come, or begins anew, does not know yet who is here.
    if (sign === 'due' || watched.answering) return
    if (sign === 'sooner') {
      // An answer comes sooner, too: two who answer each other come to an end.
      if (watched.answered !== undefined && elapsed(watched.answered, clock.now()) < ANSWERS) return
      watched.answered = clock.now()
    }
    watched.answering = true
    const signal = AbortSignal.any([this.#core.signal, over.signal])
    const rest = watched.told === undefined ? 0 : PAUSE - elapsed(watched.told, clock.now())
    clock
      .sleep(Math.max(this.#jittered(FIRST / 2), rest), { signal })
      .then(() => {
        watched.answering = false
        return this.#tell(watched, signal)
      })
      .catch(() => undefined)
  }

  #say({ session }: Place, kind: SignalKind, signal: AbortSignal): Promise<boolean> {
    return this.#sender.send(session, kind, signal)
  }

  #jittered(ms: number): number {
    return jittered(ms, this.#core.crypto.random(1)[0] as number)
  }
}

/** What begins anew when it changes. */
const keyOf = ({ conversation, session, typing, presence }: Place): string =>
  [conversation, session.id, typing, presence].join('/')
