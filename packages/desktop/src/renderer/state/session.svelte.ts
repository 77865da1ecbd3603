import { type Client, isDchatError } from '@dchat/sdk'
import type { Host } from '../../core/host.ts'
import { follow } from '../lib/follow.ts'
import { Acts } from './acts.svelte.ts'
import { Bots } from './bots.svelte.ts'
import { Connection } from './connection.svelte.ts'
import { Conversations } from './conversations.svelte.ts'
import { Listings } from './listings.svelte.ts'
import { Me } from './me.svelte.ts'
import { Offers } from './offers.svelte.ts'
import { Past } from './past.svelte.ts'
import { People } from './people.svelte.ts'
import { Presence } from './presence.svelte.ts'
import { Presses } from './presses.svelte.ts'
import { RelayClock } from './relay-clock.svelte.ts'
import { Requests } from './requests.svelte.ts'
import type { Troubles } from './troubles.svelte.ts'

/**
 * One identity that is open: its client, and what the page shows of it, a state class per noun. Everything is read from
 * the store first; the link comes up in the background. Features reach the rest of the SDK by `client`.
 */
export class Session {
  readonly client: Client
  readonly host: Host
  readonly troubles: Troubles
  readonly connection: Connection
  readonly clock: RelayClock
  readonly conversations: Conversations
  readonly people: People
  readonly me: Me
  readonly acts: Acts
  readonly bots: Bots
  readonly presence: Presence
  readonly presses: Presses
  readonly requests: Requests
  readonly offers: Offers
  readonly listings: Listings
  readonly past: Past
  readonly #over = new AbortController()

  constructor(client: Client, host: Host, troubles: Troubles) {
    this.client = client
    this.host = host
    this.troubles = troubles
    const failed = (error: unknown): void => {
      troubles.report(error)
    }
    this.connection = new Connection(client, this.signal, failed)
    this.clock = new RelayClock(client, this.signal, failed)
    this.people = new People(client, this.signal, failed)
    this.me = new Me(client, failed)
    this.conversations = new Conversations(client, this.signal, failed)
    this.acts = new Acts(client, this.signal, failed)
    this.bots = new Bots(client, this.connection, failed)
    this.presence = new Presence(client, this.signal, failed)
    this.presses = new Presses(client, this.signal, failed)
    this.requests = new Requests(client, this.signal, failed)
    this.offers = new Offers(client, this.signal, failed)
    this.listings = new Listings(client, this.signal, failed)
    this.past = new Past(client, this.signal, failed)
    void follow(
      (signal) => client.events({ signal }),
      this.signal,
      (event) => {
        if (event.type === 'owner-changed') void this.refresh()
        if (event.type === 'device-revoked' && event.device === client.device) this.connection.isRevoked = true
        if (event.type === 'problem' && event.code === 'storage/full') troubles.disk.noteFull()
        if (event.type === 'profile' || event.type === 'verification-changed') this.people.forget(event.address)
      },
      failed,
    )
    void this.connect().catch((error: unknown) => {
      if (!this.signal.aborted) failed(error)
    })
  }

  /** Aborted once the session is closed. */
  get signal(): AbortSignal {
    return this.#over.signal
  }

  /** Again after a home relay that takes people by invitation got one. */
  async connect(): Promise<void> {
    try {
      await this.client.connect({ signal: this.signal })
    } catch (error) {
      // It is told above the window for good.
      if (isDchatError(error, 'identity/device-revoked')) {
        this.connection.isRevoked = true
        return
      }
      throw error
    }
  }

  /** Reads again what is shown: another tab has taken the work over, and live news may have been missed. */
  async refresh(): Promise<void> {
    this.people.forgetAll()
    await this.me.refresh()
    await this.conversations.refresh()
  }

  async close(): Promise<void> {
    this.#over.abort()
    await this.client.close()
  }
}
