import nacl from 'tweetnacl'
import { host } from '#host'
import { sealedStore } from '../../src/domain/store/sealed-store.ts'
import {
  assembleClient,
  type Client,
  type ClientParts,
  type Clock,
  createIdentity,
  type Message,
  parseRelayUrl,
} from '../../src/index.ts'
import type { Storage, Table } from '../../src/ports/storage.ts'
import type { Abortable } from '../../src/util/abort.ts'
import { utf8 } from '../../src/util/bytes.ts'
import { hkdfSha256 } from '../../src/util/hash.ts'

/** Real time that can be moved on by hand: whoever sleeps till then wakes. */
export class MovedClock implements Clock {
  #ahead = 0
  readonly #sleepers = new Set<{ readonly until: number; readonly wake: () => void }>()

  now(): number {
    return Date.now() + this.#ahead
  }

  sleep(ms: number, { signal }: Abortable = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const over = () => {
        clearTimeout(timer)
        this.#sleepers.delete(sleeper)
        signal?.removeEventListener('abort', stop)
      }
      const stop = () => {
        over()
        reject(signal?.reason)
      }
      const wake = () => {
        over()
        resolve()
      }
      const timer = setTimeout(wake, Math.min(ms, 2 ** 31 - 1))
      if (typeof timer === 'object') timer.unref()
      const sleeper = { until: this.now() + ms, wake }
      this.#sleepers.add(sleeper)
      signal?.addEventListener('abort', stop, { once: true })
    })
  }

  advance(ms: number): void {
    this.#ahead += ms
    for (const { until, wake } of [...this.#sleepers]) if (until <= this.now()) wake()
  }
}

const STORE_KEY = new Uint8Array(32).fill(9)
const SEAL_KEY = hkdfSha256(STORE_KEY, 'dchat/store-seal/v1', 32)

/** One character for each byte. */
const oneToOne = (bytes: Uint8Array): string => new TextDecoder('latin1').decode(bytes)

/** A storage that remembers which rows were ever written, so that a test can open all that are left. */
const watched = (storage: Storage) => {
  const written = new Map<string, readonly [Table, string]>()
  const watching: Storage = {
    ...storage,
    read: (work) => storage.read(work),
    write: (work) =>
      storage.write((tx) =>
        work({
          get: (table, key) => tx.get(table, key),
          page: (table, query) => tx.page(table, query),
          scan: (table, query) => tx.scan(table, query),
          put: (table, row) => {
            written.set(`${table}/${row.key}`, [table, row.key])
            tx.put(table, row)
          },
          delete: (table, key) => tx.delete(table, key),
        }),
      ),
    changes: (tables, options) => storage.changes(tables, options),
    close: () => storage.close(),
  }
  /** Where a text stands in the clear once the rows are opened. */
  const holding = async (text: string): Promise<readonly Table[]> => {
    const found: Table[] = []
    const wanted = oneToOne(utf8(text))
    for (const [table, key] of written.values()) {
      const row = await storage.read((tx) => tx.get(table, key))
      if (row === undefined) continue
      const { nonceLength } = nacl.secretbox
      const clear = nacl.secretbox.open(row.value.subarray(nonceLength), row.value.subarray(0, nonceLength), SEAL_KEY)
      if (clear === null) throw new Error('a row does not open')
      if (oneToOne(clear).includes(wanted)) found.push(table)
    }
    return found
  }
  return { storage: watching, holding }
}

export interface Member {
  readonly client: Client
  readonly clock: MovedClock
  /** Tables with rows that hold the text. */
  readonly holding: (text: string) => Promise<readonly Table[]>
  /** The same device after a restart. */
  readonly again: () => Promise<Client>
  /** The store, for what a dishonest program would write into it. */
  readonly store: ReturnType<typeof sealedStore>
}

/** A new person whose time and store the test has in its hands. */
export const member = async (
  relay: { readonly url: string } | readonly { readonly url: string }[],
  options: Pick<ClientParts, 'reports' | 'payments'> = {},
): Promise<Member> => {
  const relays = [relay].flat().map(({ url }) => parseRelayUrl(url))
  const crypto = host.crypto()
  const clock = new MovedClock()
  const { storage, holding } = watched(await host.storage())
  const store = sealedStore(storage, STORE_KEY, crypto.random)
  const open = (identity?: ReturnType<typeof createIdentity>) =>
    assembleClient({
      store,
      crypto,
      clock,
      transport: host.transport(crypto),
      strangers: 'allow',
      ...options,
      ...(identity === undefined ? {} : { identity, relays }),
    })
  const client = await open(createIdentity({ random: crypto.random }))
  return { client, clock, holding, store, again: () => open() }
}

/** The message once it is as wanted. */
export const becomes = async (
  client: Client,
  id: Message['id'],
  wanted: (message: Message) => boolean,
): Promise<Message> => {
  const over = new AbortController()
  const signal = AbortSignal.any([over.signal, AbortSignal.timeout(120_000)])
  const changes = client.messages.changes({ signal })
  try {
    const known = await client.messages.get(id)
    if (known !== undefined && wanted(known)) return known
    for await (const message of changes) if (message.id === id && wanted(message)) return message
    throw new Error('the changes ended')
  } finally {
    over.abort()
  }
}
