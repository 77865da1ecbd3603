import { Dexie, type EntityTable, liveQuery } from 'dexie'

/** An identity on this machine. What it says and knows is in its store, sealed; here is what finds it. */
export interface Account {
  /** Names its store. */
  readonly store: string
  /** Absent only while it is being made. */
  readonly address?: string
  /** A hue, degrees. */
  readonly colour: number
  /** ms since 1970: a burner's end. */
  readonly expiresAt?: number
  /** ms since 1970. */
  readonly usedAt: number
  /** A passphrase opens it, and nothing else. */
  readonly locked: boolean
  /** It was begun, and whether its store holds an identity is not known. */
  readonly making: boolean
  /** The recovery phrase waits here, sealed, to be written down. */
  readonly phraseKept: boolean
}

interface Phrase {
  readonly store: string
  readonly sealed: Uint8Array
}

interface Trial {
  readonly id: string
  readonly bytes: Uint8Array
}

/** Bytes that are written to see whether there is room: more than a few messages need. */
const TRIAL = 256 * 1024

type Tables = Dexie & {
  readonly accounts: EntityTable<Account, 'store'>
  readonly phrases: EntityTable<Phrase, 'store'>
  readonly trials: EntityTable<Trial, 'id'>
}

/** The app's own small database: which identities are here, and phrases that still have to be written down. */
export class AppDatabase {
  readonly #dexie: Tables

  constructor(name = 'dchat-app') {
    this.#dexie = new Dexie(name) as Tables
    this.#dexie.version(1).stores({ accounts: 'store', phrases: 'store' })
    this.#dexie.version(2).stores({ trials: 'id' })
  }

  accounts(): Promise<readonly Account[]> {
    return this.#dexie.accounts.toArray()
  }

  /** Calls back after each change, in this window or another. */
  watch(changed: (accounts: readonly Account[]) => void, signal: AbortSignal): void {
    const subscription = liveQuery(() => this.accounts()).subscribe({ next: changed })
    signal.addEventListener('abort', () => subscription.unsubscribe(), { once: true })
  }

  async add(account: Account): Promise<void> {
    await this.#dexie.accounts.add(account)
  }

  /** It is made, and shown from now on. */
  async ready(store: string, address: string): Promise<void> {
    const { accounts, phrases } = this.#dexie
    await this.#dexie.transaction('rw', accounts, phrases, async () => {
      const phraseKept = (await phrases.get(store)) !== undefined
      await accounts.update(store, { address, making: false, phraseKept })
    })
  }

  /** Keeps the phrase of one that is being made, sealed: it stays whenever that ends. */
  async keepPhrase(store: string, sealed: Uint8Array): Promise<void> {
    await this.#dexie.phrases.put({ store, sealed })
  }

  async change(store: string, changes: Partial<Account>): Promise<void> {
    await this.#dexie.accounts.update(store, changes)
  }

  async phrase(store: string): Promise<Uint8Array | undefined> {
    return (await this.#dexie.phrases.get(store))?.sealed
  }

  async dropPhrase(store: string): Promise<void> {
    const { accounts, phrases } = this.#dexie
    await this.#dexie.transaction('rw', accounts, phrases, async () => {
      await phrases.delete(store)
      await accounts.update(store, { phraseKept: false })
    })
  }

  async remove(store: string): Promise<void> {
    const { accounts, phrases } = this.#dexie
    await this.#dexie.transaction('rw', accounts, phrases, async () => {
      await accounts.delete(store)
      await phrases.delete(store)
    })
  }

  /** Whether the browser still takes what is written. */
  async hasRoom(): Promise<boolean> {
    const id = crypto.randomUUID()
    try {
      await this.#dexie.trials.put({ id, bytes: new Uint8Array(TRIAL) })
      return true
    } catch {
      return false
    } finally {
      await this.#dexie.trials.delete(id).catch(() => undefined)
    }
  }

  close(): void {
    this.#dexie.close()
  }
}
