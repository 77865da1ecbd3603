import { DchatError, isDchatError } from '../errors.ts'
import { formatInvite } from '../protocol/identity/invite.ts'
import type { IdentityLog } from '../protocol/identity/log.ts'
import type { Address, DeviceId, RelayUrl } from '../records/ids.ts'
import type { RelayHealth } from '../records/relay.ts'
import type { Abortable } from '../util/abort.ts'
import { equalBytes } from '../util/bytes.ts'
import { abortable, firstOf, Latch, within } from '../util/wait.ts'
import type { Bots } from './api/bots.ts'
import type { HomeRelays } from './api/home-relays.ts'
import type { Listings } from './api/listings.ts'
import type { Offers } from './api/offers.ts'
import type { Contacts, Profiles } from './api/people.ts'
import type { SettingsApi } from './api/personal.ts'
import { BackupsApi } from './backup/backups.ts'
import { botsOf } from './bots-api.ts'
import type { Client, ClientEvent, Groups, Inline, Links, Notifications } from './client.ts'
import { contactsApi } from './contacts.ts'
import { ConversationsApi } from './conversations.ts'
import type { Core } from './core.ts'
import { DevicesApi } from './devices/devices.ts'
import { groupsApi } from './groups.ts'
import { HistoryApi } from './history/history-api.ts'
import { Inboxes } from './inboxes.ts'
import { inlineOf } from './inline-api.ts'
import { JobRunner } from './jobs.ts'
import { lanesOf } from './lanes.ts'
import { listingsOf } from './listings/listings.ts'
import { Expiry } from './message-life/expiry.ts'
import { MessagesApi } from './messages.ts'
import { notificationsOf } from './notifications/notifications.ts'
import { offersOf } from './offers/offers.ts'
import { hurrySharing } from './personal/registers.ts'
import { settingsOf } from './personal/verbs.ts'
import { PresenceApi } from './presence/presence.ts'
import { profilesApi } from './profiles.ts'
import { homeRelaysOf } from './relays/home-relays.ts'
import { Reports, withReportsBy } from './reports.ts'
import { Rooms } from './rooms/rooms.ts'
import { SearchApi } from './search/search.ts'
import { jobHandler } from './tasks.ts'

const CONNECT = 30_000
/** ms between two looks at the clock, which may be put on while a timer runs. */
const LOOK = 60_000
/** ms that closing may take to bring out what others wait for: Welcome pointers, queued messages, reports. */
const FLUSH = 5_000
/** ms without a home relay after which conversations are read all the same. */
const ALONE = 5_000

export interface RunningOptions {
  /** What the user chose, if anything. */
  readonly reports: boolean | undefined
  readonly onClose: () => Promise<void>
  readonly onExpired: () => Promise<void>
}

/** The client as a whole: what runs between `connect` and `close`, and the facade over it. */
export class RunningClient implements Client {
  readonly conversations: ConversationsApi
  readonly groups: Groups
  readonly messages: MessagesApi
  readonly contacts: Contacts
  readonly profiles: Profiles
  readonly settings: SettingsApi
  readonly offers: Offers
  readonly inline: Inline
  readonly bots: Bots
  readonly listings: Listings
  readonly presence: PresenceApi
  readonly notifications: Notifications
  readonly search: SearchApi
  readonly backup: BackupsApi
  readonly devices: DevicesApi
  readonly history: HistoryApi
  readonly links: Links
  readonly homeRelays: HomeRelays
  readonly #core: Core
  readonly #closing: AbortController
  readonly #options: RunningOptions
  readonly #rooms: Rooms
  readonly #reports: Reports
  readonly #jobs: JobRunner
  readonly #expiry: Expiry
  readonly #followOwnLog: (log: IdentityLog) => Promise<void>
  readonly #loops = new Set<Promise<void>>()
  readonly #inboxes: Inboxes
  #starting: Promise<void> | undefined
  /** Resolves to what `sync` rejects with, if anything. */
  #connecting: Promise<DchatError | undefined> | undefined
  #closed: Promise<void> | undefined

  constructor(core: Core, closing: AbortController, options: RunningOptions) {
    this.#core = core
    this.#closing = closing
    this.#options = options
    const withReports = withReportsBy(options.reports)
    this.#rooms = new Rooms(core, { reports: withReports, onReportDue: ({ id }) => this.#reports.plan(id) })
    this.#reports = new Reports(core, this.#rooms)
    this.#expiry = new Expiry(core)
    this.#jobs = new JobRunner(core, jobHandler(core, this.#rooms), lanesOf(core, this.#rooms))
    const { self, directory } = core
    this.#followOwnLog = async (log) => {
      if (equalBytes(core.self.log.head, log.head)) return
      await (await import('./later.ts')).followOwnLog(core, this.#rooms, log, () => this.#revoked())
    }
    directory.watch(self.address, this.#followOwnLog)
    const isConnected = () => this.#connecting !== undefined
    this.messages = new MessagesApi(core, this.#rooms)
    this.conversations = new ConversationsApi(core, this.#rooms, this.messages, this.#reports, withReports)
    this.groups = groupsApi(core, this.#rooms, this.conversations)
    this.offers = offersOf(core, this.#rooms)
    this.inline = inlineOf(core, this.#rooms)
    this.bots = botsOf(core, this.#rooms)
    this.listings = listingsOf(core, this.#rooms)
    this.contacts = contactsApi(core, isConnected)
    this.profiles = profilesApi(core)
    this.settings = settingsOf(core)
    this.presence = new PresenceApi(core, this.#rooms)
    this.notifications = notificationsOf(core)
    this.search = new SearchApi(core, (work) => this.#spawn(work))
    this.backup = new BackupsApi(core)
    this.devices = new DevicesApi(core)
    this.history = new HistoryApi(core)
    this.homeRelays = homeRelaysOf(core)
    this.#inboxes = new Inboxes(core, this.#rooms, (work) => this.#spawn(work))
    this.links = {
      list: () => core.links.list(),
      states: (abort) => core.links.states(abort),
      ahead: async () => (await import('./later.ts')).homeAhead(core),
      health: async () => (await import('./later.ts')).relayHealth(core),
      healthStream: (abort) => healthStream(core, abort),
      join: async (...all) => (await import('./later.ts')).joinRelay(core, ...all),
    }
  }

  get address(): Address {
    return this.#core.self.address
  }
  get device(): DeviceId {
    return this.#core.self.device
  }

  async load(): Promise<void> {
    await this.#rooms.load()
    await this.#core.directory.load()
    // A crash may have come between the end of a room and word of it to those who wrote there.
    for (const { record } of this.#rooms.all())
      if (record.state === 'closed') await (await import('./later.ts')).failWaiting(this.#core, record.id)
    // What expired while this client was off is gone before anybody sees it.
    await this.#expiry.sweep()
    this.#spawn(this.#expiry.loop())
    // A crash may have come between the two places where the own log stands.
    const own = await this.#core.directory.get(this.address)
    if (own !== undefined) await this.#followOwnLog(own)
    if (this.#core.self.isRevoked) this.#revoked()
    const { expiresAt } = this.#core.self.record
    if (expiresAt !== undefined) this.#spawn(this.#expire(expiresAt))
  }

  async connect(options: Abortable & { timeout?: number } = {}): Promise<void> {
    this.#checkOpen()
    this.#connecting ??= this.#connect(options)
    const attempt = this.#connecting
    attempt.catch(() => {
      if (this.#connecting === attempt) this.#connecting = undefined
    })
    await abortable(attempt, options)
  }

  async sync(options: Abortable & { timeout?: number } = {}): Promise<void> {
    this.#checkOpen()
    const isFirst = this.#connecting === undefined
    await this.connect(options)
    const silent = isFirst ? await this.#connecting : await this.#sync(options)
    if (silent !== undefined) throw silent
  }

  invite(): string {
    return formatInvite({ address: this.address, relays: this.relays() })
  }

  relays(): readonly RelayUrl[] {
    return this.#core.self.relays
  }

  events(options?: Abortable): AsyncIterable<ClientEvent> {
    return this.#core.events.stream(options)
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #connect(options: Abortable & { timeout?: number }): Promise<DchatError | undefined> {
    const [{ settleAtHome, stockAtHome }] = await Promise.all([import('./later.ts'), this.#reachHome(options)])
    await settleAtHome(this.#core, options)
    await this.#started()
    await stockAtHome(this.#core, (work) => this.#spawn(work))
    return this.#sync(options)
  }

  /**
   * Resolves when a home relay is ready, be it one that was named meanwhile because the others are gone. A device that was
   * away learns of it, and of its own revocation, from the conversations that others keep: its log comes along there.
   */
  async #reachHome({ signal = this.#core.signal, timeout = CONNECT }: Abortable & { timeout?: number }): Promise<void> {
    const { self, links, events, clock } = this.#core
    const named = new Latch()
    const over = new AbortController()
    const reached = AbortSignal.any([this.#core.signal, over.signal])
    const alone = async () => {
      await clock.sleep(ALONE, { signal: reached }).catch(() => undefined)
      if (!reached.aborted) await this.#started()
    }
    // A device that came from the phrase is nobody before a home relay has answered.
    if (self.record.certificate !== undefined) this.#spawn(alone())
    const stop = events.on(({ type }) => {
      if (type === 'home-relays') named.open()
    })
    try {
      while (true) {
        const ready = self.relays.map((relay) => links.get(relay).ready({ signal, timeout }))
        await Promise.race([firstOf(ready), named.wait({ signal })])
        if (self.relays.some((relay) => links.get(relay).state.state === 'ready')) return
        named.shut()
      }
    } finally {
      over.abort()
      stop()
      named.open()
    }
  }

  #started(): Promise<void> {
    this.#starting ??= this.#start()
    return this.#starting
  }

  async #start(): Promise<void> {
    await this.#inboxes.start()
    this.#rooms.start()
    this.#spawn(this.#jobs.loop())
    this.#spawn(this.#reports.flush())
    this.#spawn(this.#keepHistory())
    this.#spawn(this.#watchPayments())
    this.#spawn(this.#watchHubs())
  }

  /** No first message waits for it. */
  async #keepHistory(): Promise<void> {
    const { keepHistory, keepStock, watchRelays } = await import('./later.ts')
    this.#spawn(keepStock(this.#core))
    this.#spawn(watchRelays(this.#core))
    await keepHistory(this.#core)
  }

  async #watchHubs(): Promise<void> {
    const { watchHubs } = await import('./later.ts')
    await watchHubs(this.#core, this.#rooms)
  }

  async #watchPayments(): Promise<void> {
    const { watchPayments } = await import('./later.ts')
    await watchPayments(this.#core, this.#rooms)
  }

  async #sync(options: Abortable & { timeout?: number }): Promise<DchatError | undefined> {
    const { syncAll } = await import('./later.ts')
    return syncAll(this.#core, this.#rooms, this.#inboxes.list(), this.#jobs, options)
  }

  async #close(): Promise<void> {
    const { links, events, updates, acted, clock } = this.#core
    if (this.#inboxes.started && !this.#closing.signal.aborted) {
      const ready = links.list().some(({ state }) => state.state === 'ready')
      if (ready) await within(clock, FLUSH, () => this.#finish()).catch(() => undefined)
    }
    this.#closing.abort(new DchatError('usage/closed', { what: 'client' }))
    events.close()
    updates.close()
    acted.close()
    await links.close()
    await Promise.allSettled(this.#loops)
    await this.#rooms.settled()
    await this.#options.onClose()
  }

  async #finish(): Promise<void> {
    // A goodbye is a courtesy: nothing that must go out waits for it.
    const goodbye = this.presence.goodbye().catch(() => undefined)
    await hurrySharing(this.#core)
    await this.#jobs.runDue()
    await this.#reports.flush()
    await this.#rooms.flushed(() => this.#closing.signal)
    await goodbye
    await (await import('./later.ts')).flushArchive(this.#core)
  }

  async #expire(at: number): Promise<void> {
    const { clock, signal } = this.#core
    while (clock.now() < at) await clock.sleep(Math.min(at - clock.now(), LOOK), { signal })
    // Not awaited: closing waits for this very task.
    void this.close().then(this.#options.onExpired)
  }

  #spawn(loop: Promise<void>): void {
    const { signal, events } = this.#core
    const watched = loop.catch((error: unknown) => {
      if (signal.aborted) return
      const code = isDchatError(error) ? error.code : 'internal/unexpected'
      events.emit({ type: 'problem', code, message: error instanceof Error ? error.message : String(error) })
    })
    this.#loops.add(watched)
    void watched.then(() => this.#loops.delete(watched))
  }

  /** Another own device took this one out: what is here stays readable, and nothing more is sent or fetched. */
  #revoked(): void {
    const { self, links } = this.#core
    this.#closing.abort(new DchatError('identity/device-revoked', { device: self.device }))
    void links.close()
  }

  #checkOpen(): void {
    const { self } = this.#core
    if (self.isRevoked) throw new DchatError('identity/device-revoked', { device: self.device })
    if (this.#closed !== undefined) throw new DchatError('usage/closed', { what: 'client' })
  }
}

async function* healthStream(core: Core, options?: Abortable): AsyncGenerator<readonly RelayHealth[]> {
  yield* (await import('./later.ts')).followRelayHealth(core, options)
}
