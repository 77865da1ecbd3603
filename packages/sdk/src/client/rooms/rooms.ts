import { LATE_COMMITS } from '../../domain/rooms/lateness.ts'
import { ASKED_AGAIN_AFTER } from '../../domain/rooms/leaving.ts'
import { DchatError, isDchatError, isRelayFault } from '../../errors.ts'
import type { RelayUrl } from '../../records/ids.ts'
import type { Abortable } from '../../util/abort.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import { Latch, within } from '../../util/wait.ts'
import type { Core } from '../core.ts'
import { addJob } from '../jobs.ts'
import { isSilent } from '../people/silence.ts'
import type { RoomRecord } from '../records.ts'
import { commitLoop, publishPending } from './commit.ts'
import { type FollowHooks, followRoom } from './follow.ts'
import { hasElsewhere } from './hubs-in.ts'
import { isAstray, sendLoop } from './send.ts'
import { epochOf, loadRoom, loadRooms, RoomSession, type RoomState } from './session.ts'

const HEAD_TIMEOUT = 15_000
const ARRIVAL_TIMEOUT = 5_000

/** The rooms of this device, and the loops that keep each of them going while the client is connected. */
export class Rooms {
  readonly #core: Core
  readonly #hooks: FollowHooks
  readonly #sessions = new Map<string, RoomSession>()
  readonly #taken = new Latch()
  readonly #running = new Map<string, { readonly over: AbortController; readonly work: Promise<void> }>()
  #started = false

  constructor(core: Core, hooks: FollowHooks) {
    this.#core = core
    this.#hooks = hooks
  }

  async load(): Promise<void> {
    const rows = await this.#core.store.read((tx) => tx.page<RoomRecord>('rooms', { scope: 'all', limit: 100_000 }))
    const records = rows.map(({ value }) => value)
    for (const state of await loadRooms(this.#core, records)) this.#take(state)
  }

  get(id: string): RoomSession | undefined {
    return this.#sessions.get(id)
  }

  /** The same, also of a room that was stored just now and is taken up right behind. */
  async arriving(id: string): Promise<RoomSession | undefined> {
    const { store, clock, signal } = this.#core
    const found = async (over: AbortSignal) => {
      while (true) {
        this.#taken.shut()
        const record = await store.read((tx) => tx.get<RoomRecord>('rooms', id))
        if (this.#sessions.has(id) || record === undefined || record.state === 'creating') return
        await this.#taken.wait({ signal: over })
      }
    }
    if (!this.#sessions.has(id)) await within(clock, ARRIVAL_TIMEOUT, found, { signal })
    return this.#sessions.get(id)
  }

  all(): readonly RoomSession[] {
    return [...this.#sessions.values()]
  }

  /** Takes up a room that was just stored, or its new state after a rejoin, and starts its loops. */
  async adopt(record: RoomRecord): Promise<RoomSession> {
    const known = this.#sessions.get(record.id)
    if (known !== undefined) {
      const isElsewhere = !equalBytes(known.record.topic, record.topic)
      known.settle(await loadRoom(this.#core, record))
      // What it missed is read before anything is sent.
      known.caughtUp.shut()
      if (isElsewhere) this.restart(known)
      else this.run(known)
      return known
    }
    return this.#add(record)
  }

  /** Goes on in a room that is open again, as soon as what ran in it before has ended. */
  run(session: RoomSession): void {
    const ending = this.#running.get(session.id)
    if (ending === undefined) this.#run(session)
    else void ending.work.then(() => this.#run(session))
  }

  /** Ends what runs in a room that is somewhere else now, and goes on there. */
  restart(session: RoomSession): void {
    this.#running.get(session.id)?.over.abort()
    this.run(session)
  }

  /** Starts following and sending in every room. */
  start(): void {
    this.#started = true
    for (const session of this.#sessions.values()) this.#run(session)
  }

  /** Resolves when the room has read what its hub holds now; does nothing where it cannot be followed. */
  async catchUp(session: RoomSession, options: Abortable = {}): Promise<void> {
    if (session.record.state !== 'open') return
    // The hub tells its head as far as the shown keys reach: behind each removal another look is due.
    for (let more = true; more && session.record.state === 'open'; ) {
      const before = session.record
      await this.#readToHead(session, options)
      more = hasRemovals(session.record, before)
    }
    if (session.record.pending !== undefined && !session.asksOthers) await publishPending(session)
    session.wasThere = true
    const isFirst = !session.caughtUp.isOpen
    session.caughtUp.open()
    session.outgoing.open()
    if (isFirst) await this.#lookElsewhere(session)
  }

  /** That the conversation went on at another hub may stand in the list of a topic whose end is read only now. */
  async #lookElsewhere(session: RoomSession): Promise<void> {
    const { store, clock } = this.#core
    const { id: room } = session
    if (hasElsewhere(session)) await addJob(store, `handover/${room}`, { kind: 'handover', room }, clock.now())
  }

  async #readToHead(session: RoomSession, options: Abortable): Promise<void> {
    const { topic, hub, seq: known } = session.record
    await session.prove(options)
    const link = this.#core.links.get(hub.url)
    const { seq } = await link.request('topic.head', { topic }, { ...options, timeout: HEAD_TIMEOUT })
    if (seq < known) throw new DchatError('relay/lost-entries', { topic: toHex(topic), seq, known })
    await session.reach(seq, (now) => now.state !== 'open' || !equalBytes(now.topic, topic), options)
  }

  /**
   * Resolves when nothing is queued in any room that can be sent to; a room is waited for until the signal of its hub. Resolves
   * to the hubs that had not taken everything by then.
   */
  async flushed(signalOf: (hub: RelayUrl) => AbortSignal): Promise<readonly RelayUrl[]> {
    const left: RelayUrl[] = []
    for (const session of this.all()) {
      if (!session.isMember || !session.caughtUp.isOpen || !this.#running.has(session.id)) continue
      const hub = session.record.hub.url
      const moved = session.moved.stream({ signal: signalOf(hub) })
      try {
        while (session.isMember && (await this.#hasQueued(session))) {
          session.outgoing.open()
          if (!(await moved.next().then(({ done }) => done, isOver))) continue
          left.push(hub)
          break
        }
      } finally {
        await moved.return?.()
      }
    }
    return left
  }

  /** Resolves when every room's loops have ended, after the client's signal was aborted. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#running.values()].map(({ work }) => work))
  }

  #hasQueued(session: RoomSession): Promise<boolean> {
    const { id, snapshot } = session
    return this.#core.store.read(async (tx) => {
      if ((await isSilent(tx, this.#core, snapshot)) || (await isAstray(tx, session))) return false
      return (await tx.page('outbox', { scope: id, limit: 1 })).length > 0
    })
  }

  async #add(record: RoomRecord): Promise<RoomSession> {
    return this.#take(await loadRoom(this.#core, record))
  }

  #take(state: RoomState): RoomSession {
    const session = new RoomSession(this.#core, state)
    this.#sessions.set(session.id, session)
    this.#taken.open()
    this.#run(session)
    return session
  }

  #run(session: RoomSession): void {
    if (!this.#started || session.record.state !== 'open' || this.#running.has(session.id)) return
    const over = new AbortController()
    this.#running.set(session.id, { over, work: this.#work(session, over) })
  }

  async #work(session: RoomSession, over: AbortController): Promise<void> {
    const { signal, events, clock } = this.#core
    const running = AbortSignal.any([signal, over.signal])
    try {
      while (session.record.state === 'open') {
        const fault = await this.#round(session, running)
        if (fault === undefined) return
        await (await import('../later.ts')).hubFault(session, fault)
        await clock.sleep(ASKED_AGAIN_AFTER, { signal: running })
      }
    } catch (error) {
      if (running.aborted) return
      const code = isDchatError(error) ? error.code : 'internal/unexpected'
      events.emit({ type: 'problem', code, message: error instanceof Error ? error.message : String(error) })
    } finally {
      over.abort()
      this.#running.delete(session.id)
    }
  }

  /** Reading decides: when the room is over for this device, the other loops end with it. Resolves with what they caught the hub at. */
  async #round(session: RoomSession, running: AbortSignal): Promise<DchatError | undefined> {
    const over = new AbortController()
    const signal = AbortSignal.any([running, over.signal])
    try {
      const loops = [this.#firstCatchUp, sendLoop, commitLoop].map((loop) => loop.call(this, session, signal))
      await Promise.race([followRoom(session, this.#hooks, signal), Promise.all(loops)])
      return undefined
    } catch (error) {
      if (running.aborted || !isDchatError(error) || !isRelayFault(error)) throw error
      return error
    } finally {
      over.abort()
    }
  }

  async #firstCatchUp(session: RoomSession, signal: AbortSignal): Promise<void> {
    const { clock } = this.#core
    while (!signal.aborted && !session.caughtUp.isOpen && session.record.state === 'open') {
      try {
        await this.catchUp(session, { signal })
      } catch (error) {
        signal.throwIfAborted()
        if (!isDchatError(error) || error.code === 'relay/equivocation') throw error
        await clock.sleep(1_000, { signal })
      }
    }
  }
}

const isOver = (): true => true

/** True if a removal may have been read since; of many commits the marks of the last ones are kept. */
const hasRemovals = (now: RoomRecord, before: RoomRecord): boolean =>
  epochOf(now) - epochOf(before) > LATE_COMMITS ||
  now.commits.some(({ seq, removed }) => seq > before.seq && removed.length > 0)
