import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import { DchatError } from '../../errors.ts'
import type { Proof } from '../../ports/transport.ts'
import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import type { Group } from '../../protocol/mls/engine.ts'
import { type EpochKeys, epochKeysOf, topicKeyOf } from '../../protocol/topic/epoch-keys.ts'
import { createReceiptVerifier, type ReceiptVerifier } from '../../protocol/topic/receipt.ts'
import type { RelayUrl } from '../../records/ids.ts'
import type { Abortable } from '../../util/abort.ts'
import { Broadcast } from '../../util/broadcast.ts'
import { equalBytes } from '../../util/bytes.ts'
import { Mutex } from '../../util/mutex.ts'
import { Latch, within } from '../../util/wait.ts'
import { branch, type Core } from '../core.ts'
import type { ControlRecord, RoomRecord } from '../records.ts'

/** ms after which a hub that delivers nothing of what it said it has is told of. */
const OWED = 30_000

/** What the store holds of a room; it changes as one. */
export interface RoomState {
  readonly record: RoomRecord
  readonly group: Group | undefined
  readonly control: ControlRecord
}

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
  #verifier: { readonly key: Uint8Array; readonly verify: ReceiptVerifier }
  /** The state after an own commit, as it was made: it knows what making it used up. A restart loads it instead. */
  pendingGroup: Group | undefined
  /** The present attempt to bring the own commit out. */
  publishing: Promise<Uint8Array | undefined> | undefined
  /** The own commit whose approval was asked for, and when (groups.md, "The commit key"). */
  asked: { readonly reference: Uint8Array; readonly at: number } | undefined
  /** When this device approved a commit of others last, by hex of their keys. */
  readonly approved = new Map<string, number>()
  /** It was read to its end since this client runs: this device knows what the others know. */
  wasThere = false
  /** When a device's word of another side of the conversation was answered last (ms), by that side and its key. */
  readonly answered = new Map<string, number>()
  /** The topic at which this client asks to be let in, since when, and when it did last (ms). */
  asks: { readonly topic: Uint8Array; readonly since: number; readonly last: number } | undefined
  #state: RoomState

  constructor(core: Core, state: RoomState) {
    this.core = branch(core)
    this.#state = state
    this.#verifier = this.#verifierOf(state.record)
  }

  /** Verifies receipts of the present hub. */
  get verify(): ReceiptVerifier {
    if (!equalBytes(this.#verifier.key, this.record.hub.key)) this.#verifier = this.#verifierOf(this.record)
    return this.#verifier.verify
  }

  #verifierOf({ hub }: RoomRecord) {
    return { key: hub.key, verify: createReceiptVerifier(this.core.crypto, hub.key, hub.url) }
  }

  get id(): string {
    return this.#state.record.id
  }
  get state(): RoomState {
    return this.#state
  }
  get record(): RoomRecord {
    return this.#state.record
  }
  get group(): Group | undefined {
    return this.#state.group
  }
  get control(): ControlRecord {
    return this.#state.control
  }
  get snapshot(): Snapshot {
    return this.#state.control.snapshot
  }
  get isMember(): boolean {
    const { record, group } = this.#state
    return record.state === 'open' && group?.active === true && record.stale !== true
  }

  /** Own commits need the approval of others: only the first one of a topic goes without. */
  get asksOthers(): boolean {
    const { commitKey } = this.snapshot
    const { deviceKey } = this.core.self.record
    return (
      commitKey !== undefined && this.record.seq > 0 && !commitKey.boxes.some((b) => equalBytes(b.device, deviceKey))
    )
  }

  /** The MLS state. Throws `conversation/not-member` where there is none that may send. */
  member(): Group {
    const { record, group } = this.#state
    if (group === undefined || !this.isMember)
      throw new DchatError('conversation/not-member', { conversation: record.conversation })
    return group
  }

  /** Keys of an epoch that is still remembered. */
  keysOf(epoch: number): EpochKeys | undefined {
    return keysOf(this.record, epoch)
  }

  /** Shows the hub that this device knows the newest topic key. */
  async prove(options: Abortable = {}): Promise<void> {
    const { epochs, hub, topic } = this.record
    const newest = epochs[epochs.length - 1]
    if (newest === undefined) return
    await this.core.links.get(hub.url).prove(await topicProof(this.core, topic, newest.seed), options)
  }

  /** Writes what has changed; the caller calls `settle` with the same once its transaction has committed. */
  put(tx: StoreWriter, change: Partial<RoomState>): void {
    putRoom(tx, this.core, { ...this.#state, ...change }, this.#state)
  }

  settle(change: Partial<RoomState>): void {
    this.#state = { ...this.#state, ...change }
    this.moved.emit(this.record)
  }

  /** Resolves when the hub has delivered its log up to a place that it named; what it keeps back for long is told. */
  async reach(
    seq: number,
    over: (record: RoomRecord) => boolean,
    { signal = this.core.signal }: Abortable = {},
  ): Promise<void> {
    const isThere = (record: RoomRecord) => record.seq >= seq || over(record)
    for (let before = -1; !isThere(this.record); before = this.record.seq) {
      if (before === this.record.seq) await (await import('../later.ts')).withheld(this)
      await within(this.core.clock, OWED, (wait) => this.until(isThere, { signal: wait }), { signal })
    }
  }

  /** Resolves as soon as the record satisfies the condition. */
  async until(condition: (record: RoomRecord) => boolean, options: Abortable = {}): Promise<void> {
    const stream = this.moved.stream(options)
    try {
      if (condition(this.record)) return
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

const topicProof = async (core: Pick<Core, 'crypto'>, topic: Uint8Array, seed: Uint8Array): Promise<Proof> => {
  const keys = epochKeysOf(seed)
  return {
    kind: 'topic',
    subject: topic,
    publicKey: await topicKeyOf(core.crypto, keys),
    sign: (message) => core.crypto.ed25519.sign(keys.topicSeed32, message),
  }
}

/** ms in which a relay takes a proof that work depends on; it may go for good while it is asked. */
const TAKES_PROOF = 15_000

/** Shows a relay a topic's key, for work that comes back later. Throws `transport/unreachable`. */
export const showKey = async (core: Core, relay: RelayUrl, topic: Uint8Array, seed: Uint8Array): Promise<void> => {
  const { links, clock, signal } = core
  const proof = await topicProof(core, topic, seed)
  const prove = (over: AbortSignal) => links.get(relay).prove(proof, { signal: over })
  if (await within(clock, TAKES_PROOF, prove, { signal })) return
  throw new DchatError('transport/unreachable', { relay, reason: 'it was gone before it took a proof' })
}

/** Shows its hub the newest key of a room, for work that comes back later. Throws `transport/unreachable`. */
export const showNewestKey = async ({ core, record: { epochs, hub, topic } }: RoomSession): Promise<void> => {
  const newest = epochs.at(-1)
  if (newest !== undefined) await showKey(core, hub.url, topic, newest.seed)
}

interface GroupRow {
  readonly state: Uint8Array
}
interface TreeRow {
  readonly tree: Uint8Array
}

const controlKey = (room: string): string => `${room}/control`

export const getControl = (tx: StoreReader, room: string): Promise<ControlRecord | undefined> =>
  tx.get<ControlRecord>('groups', controlKey(room))

/** The tree changes once per epoch and the rest with every message, so they are two rows; what commits decide is a third. */
export const putRoom = (
  tx: StoreWriter,
  core: Pick<Core, 'engine'>,
  { record, group, control }: RoomState,
  previous?: RoomState,
): void => {
  tx.put('rooms', { key: record.id, scope: 'all', position: record.ordinal, value: record })
  if (control !== previous?.control) tx.put('groups', { key: controlKey(record.id), value: control })
  if (group === undefined || group === previous?.group) return
  const { state, tree } = core.engine.encode(group)
  tx.put('groups', { key: record.id, value: { state } satisfies GroupRow })
  if (previous?.group === undefined || !core.engine.haveSameTrees(previous.group, group))
    tx.put('groups', { key: `${record.id}/tree`, value: { tree } satisfies TreeRow })
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
  return decoded(core, row, tree, suite)
}

/** The whole room as the store has it. Throws `storage/corrupt` where its control state is missing. */
export const loadRoom = async (core: Pick<Core, 'engine' | 'store'>, record: RoomRecord): Promise<RoomState> => {
  const control = await core.store.read((tx) => getControl(tx, record.id))
  if (control === undefined) throw withoutControl()
  return { record, group: await loadGroup(core, record.id, record.suite), control }
}

/** Rows of rooms that are read together. */
const SOME = 1_000

/** All of the rooms at once: a row at a time takes a browser seconds where there are thousands. */
export const loadRooms = async (
  core: Pick<Core, 'engine' | 'store'>,
  records: readonly RoomRecord[],
): Promise<readonly RoomState[]> => {
  const rows = new Map<string, unknown>()
  await core.store.read(async (tx) => {
    for (let after: string | undefined; ; ) {
      const page = await tx.scan('groups', { limit: SOME, ...(after === undefined ? {} : { after }) })
      for (const { key, value } of page.rows) rows.set(key, value)
      after = page.next
      if (after === undefined) return
    }
  })
  const states: RoomState[] = []
  for (const record of records) {
    const control = rows.get(controlKey(record.id)) as ControlRecord | undefined
    if (control === undefined) throw withoutControl()
    const group = rows.get(record.id) as GroupRow | undefined
    const tree = rows.get(`${record.id}/tree`) as TreeRow | undefined
    states.push({ record, group: await decoded(core, group, tree, record.suite), control })
  }
  return states
}

const withoutControl = () =>
  new DchatError('storage/corrupt', { store: 'groups', reason: 'a room has no control state' })

const decoded = async (
  { engine }: Pick<Core, 'engine'>,
  row: GroupRow | undefined,
  tree: TreeRow | undefined,
  suite: RoomRecord['suite'],
): Promise<Group | undefined> =>
  row === undefined || tree === undefined ? undefined : engine.decode({ state: row.state, tree: tree.tree }, suite)

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
