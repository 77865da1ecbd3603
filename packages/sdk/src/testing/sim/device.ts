import { nodeCrypto } from '../../adapters/crypto/node.ts'
import { type MemoryBacking, memoryStorage } from '../../adapters/storage/memory.ts'
import { type WebSocketTransportOptions, webSocketTransport } from '../../adapters/transport/websocket.ts'
import { assembleClient } from '../../client/assemble-client.ts'
import { importBackup } from '../../client/backup/import.ts'
import type { Client } from '../../client/client.ts'
import type { Store } from '../../domain/store/store.ts'
import { isDchatError } from '../../errors.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Crypto } from '../../ports/crypto.ts'
import type { Log } from '../../ports/log.ts'
import type { RelayLink } from '../../ports/transport.ts'
import type { NewIdentity, RestoredIdentity } from '../../protocol/identity/identity.ts'
import type { RelayUrl } from '../../records/ids.ts'
import { concat } from '../../util/bytes.ts'
import { quickArgon2id, simulatedCrypto } from './crypto.ts'
import type { Network } from './network.ts'
import { SimProcess } from './process.ts'
import { seededRandom } from './random.ts'
import { SILENT_CRASHES } from './relay.ts'
import { simulatedStorage } from './storage.ts'
import { simulatedStore } from './store.ts'
import type { CrashOptions, SimDevice, SimRelay } from './types.ts'
import type { World } from './world.ts'

export interface DeviceParts {
  readonly name: string
  readonly identity: NewIdentity | RestoredIdentity
  readonly relays: readonly RelayUrl[]
  readonly clockError: number
  readonly heartbeat: number | undefined
}

interface Run {
  readonly process: SimProcess
  readonly crypto: Crypto
  readonly client: Client
}

const KEY_LENGTH = 32
const PASSPHRASE = 'of the simulation'

/** A device with its disk, and its runs one after the other. */
export class Device implements SimDevice {
  readonly name: string
  readonly backing: MemoryBacking = { tables: new Map() }
  readonly storeKey: Uint8Array
  readonly records: Store
  readonly #world: World
  readonly #network: Network
  readonly #parts: DeviceParts
  #run: Run | undefined
  #runs = 0
  #clockError: number

  constructor(world: World, network: Network, parts: DeviceParts) {
    this.name = parts.name
    this.#world = world
    this.#network = network
    this.#parts = parts
    this.#clockError = parts.clockError
    const random = world.random.fork(`${parts.name}/store`)
    this.storeKey = random.bytes(KEY_LENGTH)
    this.records = simulatedStore(memoryStorage(this.backing), this.storeKey, (length) => random.bytes(length))
  }

  get isUp(): boolean {
    return this.#run !== undefined
  }

  get client(): Client {
    return this.#up.client
  }

  get crypto(): Crypto {
    return this.#up.crypto
  }

  get clock(): Clock {
    return this.#up.process.clock
  }

  setClock(error: number): void {
    this.#world.trace.note('clock', this.name, `${error}`)
    this.#clockError = error
  }

  link(relay: SimRelay): RelayLink {
    const { process, crypto } = this.#up
    return webSocketTransport(this.#transportOptions(process, crypto)).link(relay.url)
  }

  crash({ silent }: CrashOptions = {}): void {
    const run = this.#run
    if (!run) return
    const quiet = silent ?? run.process.random.chance(SILENT_CRASHES)
    this.#world.trace.note('crash', this.name, quiet ? 'silent' : '')
    this.#run = undefined
    run.process.kill()
    this.#network.kill({ device: this.name }, quiet)
  }

  async restart({ connect = true }: { readonly connect?: boolean } = {}): Promise<Client> {
    if (this.#run) return this.#run.client
    // What the last run had on its way to the disk is there or lost before the next one looks.
    await this.#world.driver.wait(this.#world.scheduler.now)
    this.#world.trace.note('start', this.name)
    const process = new SimProcess(this.#world, this.name, ++this.#runs, () => this.#clockError)
    const random = (length: number) => process.random.bytes(length)
    // Keys do not depend on the seed: no rule may depend on their value, and they are computed once for many seeds.
    const keys = seededRandom(`keys/${this.name}/${this.#runs}`)
    const notes = this.#world.ratchets.of(this.name)
    const crypto = simulatedCrypto(process, (length) => keys.bytes(length), notes)
    const storage = simulatedStorage(process, this.backing)
    const opening = assembleClient({
      // The first run may have died before it had stored whose device it is.
      identity: this.#parts.identity,
      relays: this.#parts.relays,
      deviceName: this.name,
      strangers: 'allow',
      store: simulatedStore(storage, this.storeKey, random),
      transport: webSocketTransport(this.#transportOptions(process, crypto)),
      crypto,
      clock: process.clock,
      log: this.#log(process),
      onClose: () => storage.close(),
    })
    const client = await this.#world.driver.finish(opening)
    this.#run = { process, crypto, client }
    if (connect) void this.#connected()
    return client
  }

  /** Starts the client's work; resolves when it is connected, or has told the trace why it is not. */
  connect(): Promise<void> {
    return this.#world.driver.finish(this.#connected())
  }

  async stop(): Promise<void> {
    const run = this.#run
    if (!run) return
    this.#world.trace.note('stop', this.name)
    this.#run = undefined
    await this.#world.driver.finish(run.client.close())
    run.process.kill()
  }

  async backup(): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    for await (const part of this.client.backup.export({ passphrase: PASSPHRASE })) parts.push(part)
    return concat(...parts)
  }

  async restore(backup: Uint8Array, { breaks }: { readonly breaks?: number } = {}): Promise<void> {
    this.crash({ silent: false })
    // What was on its way to the disk goes with it.
    await this.#world.driver.wait(this.#world.scheduler.now)
    this.#world.trace.note('restore', this.name)
    this.backing.tables.clear()
    if (breaks !== undefined)
      await this.#import(backup.subarray(0, breaks)).catch((error: unknown) => {
        if (!isDchatError(error, 'backup/damaged')) throw error
      })
    await this.#import(backup)
  }

  async #import(file: Uint8Array): Promise<void> {
    const random = seededRandom(`keys/${this.name}/import`)
    const crypto = {
      random: (length: number) => random.bytes(length),
      argon2id: quickArgon2id,
      aead: nodeCrypto().aead,
    }
    const clock = { now: () => this.#world.scheduler.now + this.#clockError }
    const source = (async function* () {
      yield file
    })()
    const target = { name: this.name, store: this.records }
    await importBackup({ crypto, clock }, { source, passphrase: PASSPHRASE }, async () => target)
  }

  async #connected(): Promise<void> {
    const { client, process } = this.#up
    await client.connect().catch((error: unknown) => this.#tell(process, 'connect', error))
  }

  get #up(): Run {
    if (!this.#run) throw new Error(`${this.name} is down`)
    return this.#run
  }

  #transportOptions(process: SimProcess, crypto: Crypto): WebSocketTransportOptions {
    return {
      WebSocket: this.#network.sockets(process),
      clock: process.clock,
      random: { bytes: (length) => process.random.bytes(length) },
      crypto,
      heartbeat: this.#parts.heartbeat,
    }
  }

  #tell(process: SimProcess, what: string, error: unknown): void {
    if (process.alive) this.#world.trace.note('failed', this.name, `${what} ${codeOf(error)}`)
  }

  #log(process: SimProcess): Log {
    const write = (event: string, fields: Readonly<Record<string, string | number | boolean>> = {}) => {
      if (process.alive) this.#world.trace.note('log', this.name, `${event} ${JSON.stringify(fields)}`)
    }
    return { debug: write, info: write, warn: write }
  }
}

const codeOf = (error: unknown): string =>
  (error as { code?: string } | undefined)?.code ?? (error instanceof Error ? error.name : typeof error)
