import { type Client, createClient, isDchatError } from '@dchat/sdk'
import { deleteBrowserStore, relockBrowserStore } from '@dchat/sdk/browser'
import type { Host } from '../../core/host.ts'
import type { Account, AppDatabase } from './app-database.ts'
import { askRelays } from './ask-relays.ts'
import { type Beginning, makeClient } from './make-client.ts'
import { Session } from './session.svelte.ts'
import type { Troubles } from './troubles.svelte.ts'

export type { Account } from './app-database.ts'

/** Hues of the rings around identities. */
const PALETTE = [265, 155, 25, 75, 320, 200] as const

/** The lock that a window holds while it makes an identity. */
const makingOf = (store: string): string => `dchat-making-${store}`

/** The identities on this machine, side by side; one of them is looked at. */
export class Accounts {
  readonly #host: Host
  readonly #database: AppDatabase
  readonly #troubles: Troubles
  #list = $state.raw<readonly Account[]>([])
  #sessions = $state.raw<ReadonlyMap<string, Session>>(new Map())
  #chosen = $state<string | undefined>(undefined)
  /** False until it is known who is here. */
  loaded = $state(false)

  constructor(host: Host, database: AppDatabase, troubles: Troubles) {
    this.#host = host
    this.#database = database
    this.#troubles = troubles
  }

  /** In the order in which they came. */
  get list(): readonly Account[] {
    return this.#list
  }

  /** The one that is looked at; undefined while it is locked, and where there is none. */
  get active(): Session | undefined {
    return this.#chosen === undefined ? undefined : this.#sessions.get(this.#chosen)
  }

  get activeAccount(): Account | undefined {
    return this.#list.find(({ store }) => store === this.#chosen)
  }

  /** Sessions that are open: messages of all of them notify. */
  get sessions(): ReadonlyMap<string, Session> {
    return this.#sessions
  }

  /** Reads who is here and opens the one that was looked at last, unless it wants a passphrase. */
  async start(signal: AbortSignal): Promise<void> {
    this.#database.watch((accounts) => this.#take(accounts), signal)
    for (const account of await this.#database.accounts()) if (account.making) await this.#finish(account)
    this.#take(await this.#database.accounts())
    const last = this.#list.toSorted((a, b) => b.usedAt - a.usedAt)[0]
    if (last !== undefined) await this.choose(last.store)
    this.loaded = true
  }

  /** Looks at an identity, and opens it if it is not, unless it is locked: `unlock` does that. */
  async choose(store: string): Promise<void> {
    const account = this.#list.find((one) => one.store === store)
    if (account === undefined) return
    if (!this.#sessions.has(store) && !account.locked) {
      try {
        this.#keep(store, await createClient({ store, unlock: { keystore: this.#host.secrets } }))
      } catch (error) {
        this.#troubles.report(error)
      }
    }
    this.#chosen = store
    await this.#database.change(store, { usedAt: Date.now() })
  }

  /** Opens an identity that a passphrase locks. Throws `identity/wrong-passphrase`. */
  async unlock(store: string, passphrase: string): Promise<void> {
    this.#keep(store, await createClient({ store, unlock: { passphrase } }))
    this.#chosen = store
  }

  /** Closes an identity that a passphrase locks: nothing of it is in memory any more. */
  async lock(store: string): Promise<void> {
    const session = this.#sessions.get(store)
    this.#sessions = new Map([...this.#sessions].filter(([other]) => other !== store))
    await session?.close()
  }

  /** A passphrase, and nothing else, opens it from now on; undefined: this machine does. `current` where it is locked. */
  async setPassphrase(store: string, passphrase: string | undefined, current?: string): Promise<void> {
    const now = current === undefined ? { keystore: this.#host.secrets } : { passphrase: current }
    const next = passphrase === undefined ? { keystore: this.#host.secrets } : { passphrase }
    await relockBrowserStore(store, now, [next])
    await this.#database.change(store, { locked: passphrase !== undefined })
  }

  /**
   * A new, restored or linked identity, or one from a backup. A new one's recovery phrase is kept here, sealed, until the
   * person has written it down. Throws what the SDK throws, as `relay/not-invited` where a relay refuses it; nothing is
   * left behind then.
   */
  async begin(beginning: Beginning): Promise<Session> {
    const store = `dchat-${crypto.randomUUID()}`
    // Another window that opens meanwhile must not take it for one that was left behind.
    return navigator.locks.request(makingOf(store), () => this.#make(store, beginning))
  }

  /** The phrase of an identity that was made here and never written down; undefined if there is none to show. */
  async phrase(store: string): Promise<string | undefined> {
    const sealed = await this.#database.phrase(store)
    return sealed === undefined ? undefined : new TextDecoder().decode(await this.#host.secrets.unwrap(sealed))
  }

  /** The person has the phrase on paper: it is kept here no longer. */
  async phraseWritten(store: string): Promise<void> {
    await this.#database.dropPhrase(store)
  }

  /** Takes an identity off this machine, with everything that is kept of it here. */
  async remove(store: string): Promise<void> {
    await this.lock(store)
    if (this.#chosen === store) this.#chosen = undefined
    await deleteBrowserStore(store)
    await this.#database.remove(store)
    this.#take(await this.#database.accounts())
  }

  async close(): Promise<void> {
    for (const store of this.#sessions.keys()) await this.lock(store)
  }

  async #make(store: string, beginning: Beginning): Promise<Session> {
    const colour = PALETTE[this.#list.length % PALETTE.length] ?? PALETTE[0]
    const expiresAt = beginning.kind === 'new' ? beginning.expiresAt : undefined
    await this.#database.add({
      store,
      colour,
      usedAt: Date.now(),
      locked: false,
      making: true,
      phraseKept: false,
      ...(expiresAt === undefined ? {} : { expiresAt }),
    })
    try {
      const { client, phrase } = await makeClient(beginning, store, { keystore: this.#host.secrets })
      if (phrase !== undefined) {
        const sealed = await this.#host.secrets.wrap(new TextEncoder().encode(phrase))
        await this.#database.keepPhrase(store, sealed)
      }
      await askRelays(client, beginning)
      await this.#database.ready(store, client.address)
      this.#take(await this.#database.accounts())
      this.#chosen = store
      return this.#keep(store, client)
    } catch (error) {
      await this.remove(store)
      throw error
    }
  }

  /** One that is being made is nobody yet: the view that makes it stays. */
  #take(accounts: readonly Account[]): void {
    this.#list = accounts.filter(({ making }) => !making)
  }

  #keep(store: string, client: Client): Session {
    const session = new Session(client, this.#host, this.#troubles)
    this.#sessions = new Map([...this.#sessions, [store, session]])
    return session
  }

  /** The app ended while this one was made: either its store opens, or there is nothing worth keeping. */
  async #finish({ store }: Account): Promise<void> {
    await navigator.locks.request(makingOf(store), { ifAvailable: true }, async (lock) => {
      if (lock === null) return
      try {
        const client = await createClient({ store, unlock: { keystore: this.#host.secrets } })
        await this.#database.ready(store, client.address)
        this.#keep(store, client)
      } catch (error) {
        if (!isDchatError(error, 'identity/none') && !isDchatError(error, 'backup/incomplete')) throw error
        await deleteBrowserStore(store)
        await this.#database.remove(store)
      }
    })
  }
}
