import { DchatError, isDchatError } from '../../errors.ts'
import type { Channel, Channels } from '../../ports/channels.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Lock, Locks } from '../../ports/locks.ts'
import type { Random } from '../../ports/random.ts'
import type { Surroundings } from '../../ports/surroundings.ts'
import type { Address } from '../../records/ids.ts'
import { toHex } from '../../util/bytes.ts'
import { Latch } from '../../util/wait.ts'
import type { Client } from '../client.ts'
import { RemoteBackend } from './attached.ts'
import { OwnerGone } from './backend.ts'
import { Desk } from './desk.ts'
import { LocalBackend } from './local.ts'
import { fromOwner, fromTab, type OwnerMessage, parseReceived, TABS_VERSION, type TabMessage } from './protocol.ts'
import { Host } from './serve.ts'

export interface Opening {
  /** Aborted when another tab has the store: the client has to end at once, without a word to the relays. */
  readonly lost: AbortSignal
  /** Call it where the client ends by itself: its identity has expired. */
  readonly ended: () => void
}

export interface SharedParts {
  /** Of the store: tabs with the same name share one owner. */
  readonly name: string
  readonly locks: Locks
  readonly channels: Channels
  readonly clock: Clock
  readonly random: Random
  readonly surroundings?: Surroundings
  /** Whose the store has to be, where the tab names somebody. */
  readonly address?: Address
  /** Shows that this tab could open the store, without opening it: asked before another tab works for this one. */
  readonly admit?: () => Promise<void>
  /** Opens the store and its client: called while this tab has the lock. */
  readonly open: (opening: Opening) => Promise<Client>
  /** Runs once, when this tab's client is closed. */
  readonly onClose?: () => Promise<void>
}

/** ms of silence after which an owner that somebody waits for is asked whether it lives; after two such it does not. */
const SILENCE = 5_000
const UNANSWERED = 2
/** The same while a store is opened: stretching a passphrase may leave a slow machine no time for anything else. */
const OPENING = 12
/** ms until a store that could not be opened, for a reason that may pass, is tried again. */
const PAUSE = 1_000

/** The store could not be opened by this tab. */
class OpenFailed extends Error {}

/**
 * One tab among those that share a store. It stands in line for the lock, works through whoever has it, and is that one
 * itself when its turn comes.
 */
export class Seat {
  readonly desk = new Desk()
  readonly #parts: SharedParts
  readonly #tab: string
  readonly #closing = new AbortController()
  /** Shut while the page stands still. */
  readonly #awake = new Latch()
  /** Opens when another tab says that it serves. */
  readonly #served = new Latch()
  #channel: Channel | undefined
  #host: Host | undefined
  /** What this tab answers for, while it has the lock. */
  #term: string | undefined
  #remote: RemoteBackend | undefined
  #turn = new AbortController()
  #over: Latch | undefined
  #online = false
  #admitted = false
  #heard = false
  /** Another tab opens the store just now. */
  #claimed = false
  #running: Promise<void> | undefined
  #closed: Promise<void> | undefined
  #life: Lock | undefined
  #unlisten: readonly (() => void)[] = []

  constructor(parts: SharedParts) {
    this.#parts = parts
    this.#tab = toHex(parts.random.bytes(16))
    this.#awake.open()
  }

  /** Resolves when this tab or another one works for it; else rejects with what was in the way. */
  async start(): Promise<void> {
    const { locks, channels, name, surroundings } = this.#parts
    this.#life = await locks.acquire(lifeOf(name)(this.#tab))
    this.#channel = channels.open(lockOf(name))
    const unlisten = [this.#channel.listen((data) => this.#receive(data))]
    if (surroundings !== undefined)
      unlisten.push(
        surroundings.listen((happening) => {
          if (happening === 'freeze') this.#freeze()
          if (happening === 'resume') this.#awake.open()
        }),
      )
    this.#unlisten = unlisten
    this.#running = this.#run()
    try {
      await this.desk.get()
    } catch (error) {
      await this.close()
      throw error
    }
  }

  /** From now on whoever has the store connects: the connection is the store's, not a tab's. */
  goOnline(): void {
    this.#online = true
  }

  /** Lets others have the store, if it is here, once everything is out and closed. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#closing.abort(new DchatError('usage/closed', { what: 'client' }))
    this.#tell({ type: 'gone', tab: this.#tab })
    this.#over?.open()
    if (this.#over === undefined) this.#turn.abort()
    this.desk.close()
    await this.#running
    for (const stop of this.#unlisten) stop()
    this.#dropRemote()
    this.#life?.release()
    this.#channel?.close()
    await this.#parts.onClose?.()
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      try {
        await this.#awake.wait({ signal })
        this.#turn = new AbortController()
        if (signal.aborted) return
        await this.#own(await this.#stand(this.#turn.signal))
      } catch (error) {
        if (signal.aborted) return
        if (error instanceof OpenFailed) await this.#rest(error.cause)
        // Else the page froze while it stood in line.
      }
    }
  }

  /** Who cannot open the store stays out of the line: at once it would fail again, and keep it from those who can. */
  async #rest(error: unknown): Promise<void> {
    const { clock } = this.#parts
    this.desk.fail(error)
    const signal = this.#closing.signal
    const wait = isDchatError(error) && error.retryable ? clock.sleep(PAUSE, { signal }) : this.#served.wait({ signal })
    await wait.catch(() => undefined)
  }

  /** Waits for the lock, and takes it from a holder that does not answer any more. */
  async #stand(turn: AbortSignal): Promise<Lock> {
    const { locks, name } = this.#parts
    const line = new AbortController()
    const signal = AbortSignal.any([turn, line.signal])
    this.#hello()
    const granted = locks.acquire(lockOf(name), { signal })
    let lock: Lock | undefined
    try {
      lock = await Promise.race([granted, this.#watch(signal)])
      if (lock !== undefined) return lock
    } finally {
      line.abort()
      // It may come all the same, just now.
      if (lock === undefined)
        granted.then(
          (late) => late.release(),
          () => undefined,
        )
    }
    return locks.acquire(lockOf(name), { signal: turn, steal: true })
  }

  /** Resolves when somebody waits for an owner that is silent, though it was asked twice. */
  async #watch(signal: AbortSignal): Promise<undefined> {
    for (let asked = 0; ; ) {
      await this.#parts.clock.sleep(SILENCE, { signal })
      if (this.#heard || !this.desk.isBusy) asked = 0
      else if (asked === (this.#claimed ? OPENING : UNANSWERED)) return undefined
      else {
        asked += 1
        this.#tell({ type: 'ping', tab: this.#tab })
      }
      this.#heard = false
    }
  }

  async #own(lock: Lock): Promise<void> {
    const { clock, locks, name, random } = this.#parts
    const term = toHex(random.bytes(16))
    const gone = new AbortController()
    const over = new Latch()
    this.#term = term
    this.#over = over
    let backend: LocalBackend | undefined
    // Everything at once: a page that freezes gets no time for more.
    const letGo = () => {
      if (backend !== undefined) this.desk.clear(backend)
      this.#host?.stop()
      gone.abort(new OwnerGone())
      lock.release()
      over.open()
    }
    const { signal } = this.#turn
    signal.addEventListener('abort', letGo, { once: true })
    lock.lost.addEventListener('abort', letGo, { once: true })
    try {
      if (signal.aborted || lock.lost.aborted) letGo()
      if (gone.signal.aborted) return
      this.#say({ type: 'claim', term })
      this.#dropRemote()
      const client = await this.#open(gone.signal, over)
      if (!gone.signal.aborted && !this.#closing.signal.aborted) {
        backend = new LocalBackend(client, clock, gone.signal, letGo)
        const post = (message: OwnerMessage) => this.#say(message)
        this.#host = new Host({ term, backend, post, locks, lifeOf: lifeOf(name) })
        if (this.#online) backend.connector.start()
        this.desk.set(backend)
        this.#say({ type: 'ready', term })
        await over.wait()
        this.desk.clear(backend)
        this.#host.stop()
      }
      // The store decides about what is left; here nobody can be told.
      await client.close().catch(() => undefined)
    } finally {
      signal.removeEventListener('abort', letGo)
      lock.lost.removeEventListener('abort', letGo)
      letGo()
      this.#host = undefined
      this.#over = undefined
      this.#term = undefined
    }
  }

  async #open(lost: AbortSignal, over: Latch): Promise<Client> {
    try {
      return await this.#parts.open({ lost, ended: () => over.open() })
    } catch (cause) {
      // What went wrong because the store is somebody else's is no failure of this tab.
      lost.throwIfAborted()
      throw new OpenFailed('the store could not be opened', { cause })
    }
  }

  #freeze(): void {
    this.#awake.shut()
    this.#turn.abort(new OwnerGone())
  }

  #receive(data: unknown): void {
    const received = parseReceived(data)
    if (received === undefined) return
    if ('version' in received) return this.#meetStranger(received)
    if (received.from === 'owner') return this.#hear(received.message)
    if (this.#host !== undefined) return this.#host.receive(received.message)
    // It opens the store just now, and lives.
    if (received.message.type === 'ping' && this.#term !== undefined)
      this.#say({ type: 'pong', term: this.#term, to: received.message.tab })
  }

  /** Another version of the SDK in another tab: whoever is attached cannot work, and is told so. */
  #meetStranger({ from, version }: { from: 'owner' | 'tab'; version: number }): void {
    if (this.#term !== undefined) {
      if (from === 'tab') this.#say({ type: 'ready', term: this.#term })
      return
    }
    if (from === 'tab') return
    this.#heard = true
    this.#dropRemote()
    this.desk.fail(new DchatError('protocol/unsupported-version', { found: [version], supported: [TABS_VERSION] }))
  }

  #hear(message: OwnerMessage): void {
    // Whoever has the lock listens to nobody; should it be lost, the lock says so.
    if (this.#host !== undefined || this.#term !== undefined) return
    if ('to' in message && message.to !== this.#tab) return
    const isCurrent = message.term === this.#remote?.term
    if (!isCurrent) this.#claimed = message.type === 'claim'
    this.#heard ||= isCurrent || this.#remote === undefined
    if ('facts' in message && message.facts.online) this.#online = true
    switch (message.type) {
      case 'claim':
        if (!isCurrent) this.#dropRemote()
        return
      case 'bye':
      case 'unknown':
        if (!isCurrent) return
        this.#dropRemote()
        this.#hello()
        return
      case 'ready':
        this.#served.open()
        this.#served.shut()
        if (!isCurrent) this.#hello()
        return
      case 'welcome':
        this.#served.open()
        this.#served.shut()
        if (!isCurrent) void this.#attach(message)
        return
      case 'pong':
        // Somebody else has it by now.
        if (!isCurrent) this.#hello()
        return
      default:
        if (isCurrent) this.#remote?.receive(message)
    }
  }

  async #attach({ term, facts }: Extract<OwnerMessage, { readonly type: 'welcome' }>): Promise<void> {
    const { address, admit, name } = this.#parts
    this.#dropRemote()
    const remote = new RemoteBackend(this.#tab, term, facts, (message) => this.#tell(message))
    this.#remote = remote
    try {
      if (address !== undefined && address !== facts.address) throw new DchatError('identity/exists', { profile: name })
      if (!this.#admitted) await admit?.()
      this.#admitted = true
      if (this.#remote === remote) this.desk.set(remote)
    } catch (error) {
      if (this.#remote !== remote) return
      this.#remote = undefined
      this.#tell({ type: 'gone', tab: this.#tab })
      this.desk.fail(error)
    }
  }

  #dropRemote(): void {
    const remote = this.#remote
    if (remote === undefined) return
    this.#remote = undefined
    this.desk.clear(remote)
    remote.drop()
  }

  #hello(): void {
    this.#tell({ type: 'hello', tab: this.#tab, online: this.#online })
  }

  #tell(message: TabMessage): void {
    this.#channel?.post(fromTab(message))
  }

  #say(message: OwnerMessage): void {
    this.#channel?.post(fromOwner(message))
  }
}

/** The lock by which tabs settle who has the store. */
export const lockOf = (name: string): string => `dchat/${name}`

const lifeOf =
  (name: string) =>
  (tab: string): string =>
    `dchat/${name}/tab/${tab}`
