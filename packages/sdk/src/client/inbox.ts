import { DchatError, isDchatError } from '../errors.ts'
import type { IdentityLog } from '../protocol/identity/log.ts'
import { decodeRoomStateOffer } from '../protocol/inbox/bodies.ts'
import { type InboxItemContent, openInboxItem } from '../protocol/inbox/item.ts'
import type { InboxItem } from '../protocol/wire/methods.ts'
import type { RelayUrl } from '../records/ids.ts'
import type { Abortable } from '../util/abort.ts'
import { Broadcast } from '../util/broadcast.ts'
import { equalBytes, toHex } from '../util/bytes.ts'
import { within } from '../util/wait.ts'
import { branch, type Core } from './core.ts'
import { putJob } from './jobs.ts'
import { checkPointer } from './people/pointer.ts'
import { proveDevice } from './prove-device.ts'
import type { Rooms } from './rooms/rooms.ts'

const RETRY = 1_000
const TIMEOUT = 15_000
/** ms in which the next item comes, where there is one. */
const QUIET = 5_000

const cursorKey = (relay: RelayUrl): string => `inbox/${relay}`

/** Reads this device's inbox at one home relay: each item becomes durable work, and only then is it acknowledged. */
export class Inbox {
  readonly relay: RelayUrl
  readonly #core: Core
  readonly #rooms: Rooms
  readonly #moved = new Broadcast<number>()
  #seq = 0
  /** Up to here the relay holds nothing that was not taken. */
  #gone = 0

  constructor(core: Core, rooms: Rooms, relay: RelayUrl) {
    this.#core = branch(core)
    this.#rooms = rooms
    this.relay = relay
  }

  /** Works until the client closes. */
  async loop(): Promise<void> {
    const { store, links, self, signal, clock, log } = this.#core
    this.#seq = (await store.read((tx) => tx.get<number>('meta', cursorKey(this.relay)))) ?? 0
    while (!signal.aborted) {
      try {
        const link = links.get(this.relay)
        await link.ready({ signal })
        await proveDevice(this.#core, this.relay, { signal })
        const device = self.record.deviceKey
        for await (const item of link.subscribe('inbox', { device, after: this.#seq }, { signal })) {
          await this.#take(item)
          await link.request('inbox.ack', { device, seq: item.seq }, { signal, timeout: TIMEOUT })
        }
      } catch (error) {
        signal.throwIfAborted()
        if (!isDchatError(error)) throw error
        log.debug('inbox ended', { code: error.code })
        // A relay refuses a device that it knows as revoked; the own log says whether that is so.
        if (error.code === 'relay/not-permitted')
          await (await import('./later.ts'))
            .refreshOwnLog(this.#core, { relays: [this.relay] })
            .catch((reason: unknown) => {
              if (!isDchatError(reason)) throw reason
            })
      }
      await clock.sleep(RETRY, { signal })
    }
  }

  /**
   * Resolves when everything that the relay holds now was taken. Its count goes on over items that it holds no more: they grew
   * old, or a later self took them whose store was lost. Nothing comes in their place.
   */
  async catchUp(options: Abortable): Promise<void> {
    await proveDevice(this.#core, this.relay, options)
    const device = this.#core.self.record.deviceKey
    const link = this.#core.links.get(this.relay)
    const { seq } = await link.request('inbox.head', { device }, { ...options, timeout: TIMEOUT })
    const moved = this.#moved.stream(options)
    const next = async () => {
      if ((await moved.next()).done) this.#gone = seq
    }
    try {
      while (this.#seq < seq && this.#gone < seq)
        if (!(await within(this.#core.clock, QUIET, next, options))) this.#gone = seq
    } finally {
      await moved.return?.()
    }
  }

  async #take(item: InboxItem): Promise<void> {
    const { store, log, signal } = this.#core
    try {
      await this.#understand(item)
    } catch (error) {
      signal.throwIfAborted()
      if (!isDchatError(error)) throw error
      // What a stranger left here may be anything; it must not stop the rest.
      log.info('inbox item dropped', { code: error.code })
    }
    await store.write(async (tx) => tx.put('meta', { key: cursorKey(this.relay), value: item.seq }))
    this.#seq = item.seq
    this.#moved.emit(item.seq)
  }

  async #understand(item: InboxItem): Promise<void> {
    const { crypto, self, directory, store, clock } = this.#core
    const { deviceKey, introSeed } = self.record
    const opened = await openInboxItem(crypto, { deviceKey, introSeed }, item.body)
    // Nothing is kept of strangers but what they may ask.
    if (opened.kind === 'welcome') checkPointer(opened.body)
    if (opened.kind === 'answer' && !isOwnLog(self.log, opened.log)) return
    const [log] = await directory.learn([opened.log])
    if (log === undefined || !directory.isActive(log.address, opened.deviceKey))
      throw new DchatError('identity/untrusted-key', { subject: 'the sender', reason: 'its device is not certified' })
    const from = log.address
    if (opened.kind !== 'welcome' && opened.kind !== 'state')
      return (await import('./later.ts')).takeItem(this.#core, this.#rooms, from, opened.kind, opened)
    const [key, task] =
      opened.kind === 'welcome'
        ? ([`welcome/${this.relay}/${item.seq}`, { kind: 'join', from, pointer: opened.body }] as const)
        : ([offerKey(opened), { kind: 'rejoin', from, offer: opened.body }] as const)
    await store.write((tx) => putJob(tx, key, task, clock.now()))
  }
}

/** What a device offered last is what it knows: an earlier offer may be of a hub that never answers again. */
const offerKey = ({ deviceKey, body }: InboxItemContent): string =>
  `state/${toHex(decodeRoomStateOffer(body).room)}/${toHex(deviceKey)}`

const isOwnLog = ({ entries: [genesis] }: IdentityLog, [first]: readonly Uint8Array[]): boolean =>
  genesis !== undefined && first !== undefined && equalBytes(genesis.encoded, first)
