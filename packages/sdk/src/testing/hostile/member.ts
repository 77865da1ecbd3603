import type { RoomRecord, SelfRecord } from '../../client/records.ts'
import { loadRoom } from '../../client/rooms/session.ts'
import type { Store } from '../../domain/store/store.ts'
import type { Crypto } from '../../ports/crypto.ts'
import type { RelayLink } from '../../ports/transport.ts'
import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import { createGroupEngine } from '../../protocol/mls/create-group-engine.ts'
import type { Group, GroupEngine } from '../../protocol/mls/engine.ts'
import { type EpochKeys, epochKeysOf, topicKeyOf } from '../../protocol/topic/epoch-keys.ts'
import type { EntryUpload, Receipt } from '../../protocol/wire/methods.ts'

/** What a member has who keeps to no rule: everything that its device has stored of one group. */
export interface HostileMember {
  readonly crypto: Crypto
  readonly engine: GroupEngine
  readonly self: SelfRecord
  readonly room: RoomRecord
  readonly group: Group
  readonly snapshot: Snapshot
  /** Of the room's present epoch. */
  readonly keys: EpochKeys
}

const ALL = 1_000

/**
 * Reads a device's store as its thief would: the group's state, its topic seeds and the device's own keys. `room` is the hex
 * of the MLS group id; without it, the newest group. The device itself should be down, or its view goes on beside this one.
 */
export const hostileMember = async (store: Store, crypto: Crypto, room?: string): Promise<HostileMember> => {
  const engine = createGroupEngine({ crypto })
  const { self, rows } = await store.read(async (tx) => ({
    self: await tx.get<SelfRecord>('meta', 'self'),
    rows: await tx.page<RoomRecord>('rooms', { scope: 'all', limit: ALL }),
  }))
  const record = rows.map(({ value }) => value).findLast(({ id, suite }) => id === room || (!room && !isDm(suite)))
  if (self === undefined || record === undefined) throw new Error('nothing to take over')
  const { group, control } = await loadRoom({ engine, store }, record)
  const seed = record.epochs.at(-1)?.seed
  if (group === undefined || seed === undefined) throw new Error('nothing to take over')
  return { crypto, engine, self, room: record, group, snapshot: control.snapshot, keys: epochKeysOf(seed) }
}

const isDm = (suite: RoomRecord['suite']): boolean => suite === 'dm-xwing-aes256'

/** Shows the hub the epoch's topic key, as any member does. */
export const proveTopic = async (
  { crypto, keys }: Pick<HostileMember, 'crypto' | 'keys'>,
  link: RelayLink,
  topic: Uint8Array,
): Promise<void> =>
  link.prove({
    kind: 'topic',
    subject: topic,
    publicKey: await topicKeyOf(crypto, keys),
    sign: (message) => crypto.ed25519.sign(keys.topicSeed32, message),
  })

/** Puts an entry into the room's topic, over a link of the hostile member's own. */
export const publishAs = async (member: HostileMember, link: RelayLink, entry: EntryUpload): Promise<Receipt> => {
  const { topic } = member.room
  await proveTopic(member, link, topic)
  const { receipts } = await link.request('topic.publish', { topic, entries: [entry] })
  const [receipt] = receipts
  if (receipt === undefined) throw new Error('the hub gave no receipt')
  return receipt
}
