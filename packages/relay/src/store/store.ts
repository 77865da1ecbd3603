import type { AttachedBlob, DchatError, Entry, InboxItem, SuccessorItem } from '@dchat/sdk/wire'
import type { Removal } from '../policy/access.ts'
import type { SuccessorBound } from '../policy/successors.ts'

/** What is remembered of a topic besides its entries. */
export interface TopicState {
  /** Of the last entry; 0 before the first. */
  readonly seq: number
  readonly head: Uint8Array
  readonly epoch: number
  /** Accepted time of the last entry, ms since 1970; 0 before the first. */
  readonly time: number
  /** Topic key of `epoch`, and of the epoch before it if there was one. */
  readonly key: Uint8Array
  readonly previousKey: Uint8Array | null
  /** True if the commit that began `epoch` removed a device. */
  readonly removed: boolean
  /** By which every further commit has to be approved. */
  readonly commitKey: Uint8Array | null
  /** Stored bytes of bodies and frames: the measure of the topic's quota. */
  readonly bytes: number
}

/** Appends that were planned on a known state, with everything that travels with them. */
export interface TopicAppend {
  readonly type: 'topic.append'
  readonly topic: Uint8Array
  /**
   * The last seq that the plan knew; `absent` creates the topic. Anything else there is `relay/conflict`,
   * and so is a blob id or a key that is held already.
   */
  readonly expect: number | 'absent'
  /** Ascending, without gaps, from `expect + 1` (from 1 for a new topic). May be empty for a new topic. */
  readonly entries: readonly Entry[]
  readonly after: TopicState
  /** Keys that begin to be valid with this append: the first one of a new topic, the next one of a commit. */
  readonly keys: readonly { readonly key: Uint8Array; readonly epoch: number }[]
  readonly removals?: readonly Removal[]
  readonly blobs: readonly AttachedBlob[]
  /** ms since 1970, for the age of the blobs. */
  readonly time: number
}

/** A branch of an identity log and what relays need to know of it. */
export interface IdentityRecord {
  readonly address: string
  /** Every held branch, each as its encoded entries; more than one at a fork. */
  readonly branches: readonly (readonly Uint8Array[])[]
  /**
   * What the log is found by: every root key and every recovery key's hash of every branch. `shown`: the key has signed
   * in the log. Anyone can name another's key in a genesis, so only shown keys say whose log it is.
   */
  readonly keys: readonly { readonly key: Uint8Array; readonly shown: boolean }[]
  readonly devices: readonly { readonly device: Uint8Array; readonly revoked: boolean }[]
}

/** An invitation as its operator made it. Of its secret only the hash is kept. Times in ms since 1970. */
export interface NewInvitation {
  readonly hash: Uint8Array
  /** For the operator alone. */
  readonly note: string
  /** Identities that it admits. */
  readonly uses: number
  readonly createdAt: number
  /** Null: it does not expire. */
  readonly expiresAt: number | null
}

export interface StoredInvitation extends NewInvitation {
  /** Identities that it has admitted. */
  readonly used: number
  readonly revokedAt: number | null
}

/** What a batch may hold, and what each write answers. */
export interface Writes {
  'topic.append': { write: TopicAppend; result: null }
  /**
   * Appends to the topic's successor list. Idempotent by reference: the first sequence number. `epoch`: the newest one
   * whose key the writer has shown. Errors: `relay/unknown-topic`, and `relay/quota` with the first bound that is
   * reached: as many items as it allows are held of writers up to its epoch.
   */
  'successor.put': {
    write: {
      type: 'successor.put'
      topic: Uint8Array
      reference: Uint8Array
      body: Uint8Array
      epoch: number
      time: number
      bounds: readonly SuccessorBound[]
    }
    result: { seq: number }
  }
  /** Idempotent by reference: the first sequence number. Errors: `relay/quota`. */
  'inbox.put': {
    write: {
      type: 'inbox.put'
      device: Uint8Array
      reference: Uint8Array
      body: Uint8Array
      time: number
      limits: { items: number; bytes: number }
    }
    result: { seq: number }
  }
  'inbox.ack': { write: { type: 'inbox.ack'; device: Uint8Array; seq: number; time: number }; result: null }
  /** A package that is or was held is not stored again. Errors: `relay/quota` if more than `limit` would be held. */
  'keys.publish': {
    write: {
      type: 'keys.publish'
      device: Uint8Array
      suite: string
      oneTime: readonly { hash: Uint8Array; package: Uint8Array }[]
      lastResort?: Uint8Array | undefined
      /** One-time packages that are left go first, as if they had been claimed. */
      replace?: boolean | undefined
      time: number
      limit: number
    }
    result: { count: number }
  }
  /**
   * Takes the oldest one-time package of each device, else its last resort; with `spare` the last resort where there is
   * one. Devices without any are left out.
   */
  'keys.claim': {
    write: { type: 'keys.claim'; devices: readonly Uint8Array[]; suite: string; time: number; spare?: boolean }
    result: { packages: readonly { device: Uint8Array; package: Uint8Array; lastResort: boolean }[] }
  }
  /**
   * Replaces what is held for the address. With `invitation`, one that is not held yet uses up one use of it, as of
   * `time`. Errors: `relay/not-invited` if there is none left.
   */
  'identity.put': {
    write: {
      type: 'identity.put'
      record: IdentityRecord
      invitation?: { readonly hash: Uint8Array; readonly time: number } | undefined
    }
    result: null
  }
  /** A new invitation, without any use so far. Errors: `relay/conflict` if the hash is known. */
  'invitation.put': { write: { type: 'invitation.put'; invitation: NewInvitation }; result: null }
  /** From now on it admits nobody. One that is not held, or was revoked, stays as it is. */
  'invitation.revoke': { write: { type: 'invitation.revoke'; hash: Uint8Array; time: number }; result: null }
  /** An empty body takes the slot back. Errors: `relay/quota` for what grows beyond a limit. */
  'archive.put': {
    write: {
      type: 'archive.put'
      address: string
      slot: Uint8Array
      body: Uint8Array
      time: number
      limits: { slots: number; bytes: number }
    }
    result: null
  }
}

export type WriteType = keyof Writes
export type Write = Writes[WriteType]['write']
export type WriteResult<T extends WriteType> = Writes[T]['result']
/** A refusal concerns its own write alone, which then changed nothing. */
export type Outcome<T extends WriteType = WriteType> =
  | { readonly ok: true; readonly result: WriteResult<T> }
  | { readonly ok: false; readonly error: DchatError }

/** Pages end at `limit` items or before `bytes` of bodies, whichever comes first, but hold at least one item. */
export interface PageLimits {
  readonly limit: number
  readonly bytes: number
}

/** Everything older goes. ms since 1970. */
export interface SweepTimes {
  /** Bodies of application entries. */
  readonly entries: number
  /** Bodies and frames of commits. */
  readonly commits: number
  /** Items of successor lists. Their numbers are never given again. */
  readonly successors: number
  /** Inbox items that nobody fetched. */
  readonly inbox: number
  /** References of acknowledged inbox items and hashes of claimed packages. */
  readonly references: number
  readonly blobs: number
}

/** Bytes. */
export interface StoreUsage {
  readonly bytes: number
  /** Of the write-ahead log. */
  readonly wal: number
  /** That the disk has left. */
  readonly free: number
}

/** Schemas of a database, by their numbers. */
export interface SchemaStep {
  readonly from: number
  readonly to: number
}

/**
 * What a relay remembers. Reads see every commit that has resolved. One process owns a store at a time.
 * `commit` and `sweep` reject with `storage/full` or `storage/unavailable` and have then changed nothing.
 */
export interface Store {
  /** True if this is a copy of what a relay has worked on: what it acknowledged since then may be missing here. */
  readonly copied?: boolean
  /** What opening it did to a database of an older version. */
  readonly upgraded?: SchemaStep | undefined
  /** Of stores on a disk. */
  readonly usage?: () => Promise<StoreUsage>
  /** The value under a name; the first caller's `make()` is kept, durably, before this resolves. */
  secret(name: string, make: () => Uint8Array): Promise<Uint8Array>

  topic(topic: Uint8Array): Promise<TopicState | undefined>
  /** The epoch of a key that the topic has or had. */
  topicKeyEpoch(topic: Uint8Array, key: Uint8Array): Promise<number | undefined>
  /** The first removing commit that ended `epoch` or a later one. */
  firstRemoval(topic: Uint8Array, epoch: number): Promise<Removal | undefined>
  /** Entries with `after < seq <= upTo`, ascending. */
  entries(topic: Uint8Array, after: number, upTo: number, page: PageLimits): Promise<Entry[]>
  entryByReference(topic: Uint8Array, reference: Uint8Array): Promise<Entry | undefined>
  /** Items of the topic's successor list after a place, ascending. */
  successors(topic: Uint8Array, after: number, page: PageLimits): Promise<SuccessorItem[]>
  blob(id: Uint8Array): Promise<Uint8Array | undefined>
  hasBlob(id: Uint8Array): Promise<boolean>

  /** The newest seq that an inbox ever had; 0 without any. */
  inboxHead(device: Uint8Array): Promise<number>
  /** What it holds that was not fetched. */
  inboxUse(device: Uint8Array): Promise<{ items: number; bytes: number }>
  inboxItems(device: Uint8Array, after: number, page: PageLimits): Promise<InboxItem[]>

  packageCount(device: Uint8Array, suite: string): Promise<{ count: number; lastResort: boolean }>

  identity(address: string): Promise<IdentityRecord | undefined>
  /** Addresses that ever had this key, at most `limit`: those first in whose logs it has signed, then by address. */
  addressesOfKey(key: Uint8Array, limit: number): Promise<string[]>
  /** True if a held identity (the named one, or any) certifies the device and has not revoked it. */
  isActiveDevice(device: Uint8Array, address?: string): Promise<boolean>
  /** True if held identities know the device, and all of them have revoked it. */
  isRevokedDevice(device: Uint8Array): Promise<boolean>

  invitation(hash: Uint8Array): Promise<StoredInvitation | undefined>
  /** All of them, oldest first. */
  invitations(): Promise<StoredInvitation[]>

  archiveSlot(address: string, slot: Uint8Array): Promise<{ body: Uint8Array; time: number } | undefined>
  /** Slots after `after` in byte order. */
  archive(
    address: string,
    after: Uint8Array | undefined,
    page: PageLimits,
  ): Promise<{ slot: Uint8Array; body: Uint8Array; time: number }[]>

  /** Applies all writes in order in one durable step; one outcome each. */
  commit(writes: readonly Write[]): Promise<Outcome[]>
  /** Trims at most about `limit` rows of each kind; resolves to how many it changed, 0 when nothing is left to do. */
  sweep(times: SweepTimes, limit: number): Promise<number>
  /** Reads once, so that a broken store shows. */
  check(): Promise<void>
  close(): Promise<void>
}
