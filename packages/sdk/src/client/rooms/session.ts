import type { StoreWriter } from '../../domain/store/store.ts'
import { DchatError } from '../../errors.ts'
import type { Proof } from '../../ports/transport.ts'
import type { Group } from '../../protocol/mls/engine.ts'
import { type EpochKeys, epochKeysOf, topicKeyOf } from '../../protocol/topic/epoch-keys.ts'
import { createReceiptVerifier, type ReceiptVerifier } from '../../protocol/topic/receipt.ts'
import type { Abortable } from '../../util/abort.ts'
import { Broadcast } from '../../util/broadcast.ts'
import { Mutex } from '../../util/mutex.ts'
import { Latch } from '../../util/wait.ts'
import { branch, type Core } from '../core.ts'
import type { RoomRecord } from '../records.ts'

/**
 * One room on this device: its record, its MLS state, and the lock under which both change together.
 * What happens in it stands beside this file: follow, apply, send, commit.
 */
export class RoomSession {
  readonly core: Core
  readonly lock = new Mutex()
  /** Emits after each change that was stored. */
  readonly moved = new Broadcast<RoomRecord>()
  /** Open once the room has read everything that its hub held when this client connected. */
  readonly caughtUp = new Latch()
  /** Woken when something new is to be sent. */
  readonly outgoing = new Latch()
  readonly verify: ReceiptVerifier
  /** The state after an own commit, as it was made: it knows what making it used up. A restart loads it instead. */
  pendingGroup: Group | undefined
  #record: RoomRecord
  #group: Group | undefined

  constructor(core: Core, record: RoomRecord, group: Group | undefined) {
    this.core = branch(core)
    this.#record = record
    this.#group = group
    this.verify = createReceiptVerifier(core.crypto, record.hub.key, record.hub.url)
  }

  get id(): string {
    return this.#record.id
  }
  get record(): RoomRecord {
    return this.#record
  }
  get group(): Group | undefined {
    return this.#group
  }
  get isMember(): boolean {
    return this.#record.state === 'open' && this.#group?.active === true && this.#record.stale !== true
  }

  /** The MLS state. Throws `conversation/not-member` where there is none that may send. */
  member(): Group {
    if (this.#group === undefined || !this.isMember)
      throw new DchatError('conversation/not-member', { conversation: this.#record.conversation })
    return this.#group
  }

  /** Keys of an epoch that is still remembered. */
  keysOf(epoch: number): EpochKeys | undefined {
    return keysOf(this.#record, epoch)
  }

  /** Shows the hub that this device knows the newest topic key. */
  async prove(options: Abortable = {}): Promise<void> {
    const newest = this.#record.epochs[this.#record.epochs.length - 1]
    if (newest === undefined) return
    const link = this.core.links.get(this.#record.hub.url)
    await link.prove(await topicProof(this.core, this.#record.topic, newest.seed), options)
  }

  /** Writes record and state; the caller calls `settle` with the same two once its transaction has committed. */
  put(tx: StoreWriter, record: RoomRecord, group: Group | undefined): void {
    putRoom(tx, this.core, record, group, this.#group)
  }

  settle(record: RoomRecord, group: Group | undefined): void {
    this.#record = record
    this.#group = group
    this.moved.emit(record)
  }

  /** Resolves as soon as the record satisfies the condition. */
  async until(condition: (record: RoomRecord) => boolean, options: Abortable = {}): Promise<void> {
    const stream = this.moved.stream(options)
    try {
      if (condition(this.#record)) return
      for await (const record of stream) if (condition(record)) return
      throw new DchatError('usage/closed', { what: 'client' })
    } finally {
      await stream.return?.()
    }
  }
}

export const keysOf = (record: RoomRecord, epoch: number): EpochKeys | undefined => {
  const found = record.epochs.find((entry) => entry.epoch === epoch)
  return found === undefined ? undefined : epochKeysOf(found.seed)
}

/** The epoch that the room's newest keys belong to. */
export const epochOf = (record: RoomRecord): number => record.epochs[record.epochs.length - 1]?.epoch ?? 0

export const topicProof = async (core: Pick<Core, 'crypto'>, topic: Uint8Array, seed: Uint8Array): Promise<Proof> => {
  const keys = epochKeysOf(seed)
  return {
    kind: 'topic',
    subject: topic,
    publicKey: await topicKeyOf(core.crypto, keys),
    sign: (message) => core.crypto.ed25519.sign(keys.topicSeed32, message),
  }
}

interface GroupRow {
  readonly state: Uint8Array
}
interface TreeRow {
  readonly tree: Uint8Array
}

/** The tree changes once per epoch and the rest with every message, so they are two rows. */
export const putRoom = (
  tx: StoreWriter,
  core: Pick<Core, 'engine'>,
  record: RoomRecord,
  group: Group | undefined,
  previous: Group | undefined,
): void => {
  tx.put('rooms', { key: record.id, scope: 'all', position: record.ordinal, value: record })
  if (group === undefined || group === previous) return
  const { state, tree } = core.engine.encode(group)
  tx.put('groups', { key: record.id, value: { state } satisfies GroupRow })
  if (previous?.epoch !== group.epoch) tx.put('groups', { key: `${record.id}/tree`, value: { tree } satisfies TreeRow })
}

export const loadGroup = async (
  core: Pick<Core, 'engine' | 'store'>,
  key: string,
  suite: RoomRecord['suite'],
): Promise<Group | undefined> => {
  const [row, tree] = await core.store.read(async (tx) => [
    await tx.get<GroupRow>('groups', key),
    await tx.get<TreeRow>('groups', `${key}/tree`),
  ])
  if (row === undefined || tree === undefined) return undefined
  return core.engine.decode({ state: row.state, tree: tree.tree }, suite)
}

/** The state that a rejoin replaced, read-only. */
export const pastKey = (room: string): string => `${room}/past`

export const putGroupAt = (tx: StoreWriter, core: Pick<Core, 'engine'>, key: string, group: Group): void => {
  const { state, tree } = core.engine.encode(group)
  tx.put('groups', { key, value: { state } satisfies GroupRow })
  tx.put('groups', { key: `${key}/tree`, value: { tree } satisfies TreeRow })
}

/** Where a commit's outcome waits for its receipt. */
export const pendingKey = (room: string): string => `${room}/pending`

export const putPendingGroup = (tx: StoreWriter, core: Pick<Core, 'engine'>, room: string, group: Group): void =>
  putGroupAt(tx, core, pendingKey(room), group)

export const dropPendingGroup = (tx: StoreWriter, room: string): void => {
  tx.delete('groups', pendingKey(room))
  tx.delete('groups', `${pendingKey(room)}/tree`)
}
