/**
 * What a client asks of a relay, and what it is answered: the table that both ends are typed by.
 * On the wire these are CBOR maps with the same names (docs/protocol/link.md). Hashes and ids are raw bytes.
 */

/** Entry kinds of a topic. The number stands on the wire and in the head hash. */
export const ENTRY_KINDS = { application: 0, commit: 1 } as const
export type EntryKind = keyof typeof ENTRY_KINDS

/** An entry on its way to the relay. */
export interface EntryUpload {
  readonly kind: EntryKind
  /** The MLS epoch whose wrap key sealed the body: for a commit, the epoch that it ends. */
  readonly epoch: number
  /** 16 random bytes, fixed by the intent: the idempotency key within the topic. */
  readonly reference: Uint8Array
  /** The wrapped MLS message (`protocol/topic/wrap`). */
  readonly body: Uint8Array
  /** Encoded commit frame (`protocol/topic/commit-frame`), commits only. */
  readonly frame?: Uint8Array
  /** Signature of the topic's commit key over the frame; needed where the topic has one. It is judged and not kept. */
  readonly approval?: Uint8Array
}

/** The relay's word that an entry stands at a place of a topic; verified by `protocol/topic/receipt`. */
export interface Receipt {
  readonly topic: Uint8Array
  /** From 1, without gaps. */
  readonly seq: number
  /** Head after entry `seq - 1`; 32 zero bytes before the first. */
  readonly previous: Uint8Array
  readonly entry: Uint8Array
  readonly kind: EntryKind
  /** Accepted time, ms since 1970; never decreases within a topic. */
  readonly time: number
  /** RFC 6962 audit path of the leaf in its group commit. */
  readonly index: number
  readonly size: number
  readonly path: readonly Uint8Array[]
  /** Ed25519 by the relay key over (relay key, Merkle root, size). */
  readonly signature: Uint8Array
}

/** An entry as it is delivered. A trimmed one has neither body nor frame (a trimmed commit keeps both for a year). */
export interface Entry {
  readonly epoch: number
  readonly reference: Uint8Array
  readonly body: Uint8Array | null
  readonly frame: Uint8Array | null
  readonly receipt: Receipt
}

/** A blob that is stored in one transaction with a commit, under a random 16-byte id. */
export interface AttachedBlob {
  readonly id: Uint8Array
  readonly body: Uint8Array
}

export interface InboxItem {
  /** From 1, per inbox. */
  readonly seq: number
  readonly time: number
  readonly body: Uint8Array
}

/** An announcement in the successor list of a topic (topic.md). The relay cannot read what it says. */
export interface SuccessorItem {
  /** From 1, per topic, ascending in the order of acceptance. */
  readonly seq: number
  /** Accepted time, ms since 1970. */
  readonly time: number
  readonly reference: Uint8Array
  readonly body: Uint8Array
}

/** Who writes at a rendezvous: the device that is new, or the one that lets it in. */
export type RendezvousSide = 'new' | 'old'

export interface ClaimedPackage {
  readonly device: Uint8Array
  readonly package: Uint8Array
  readonly lastResort: boolean
}

export interface Methods {
  'relay.info': {
    params: Record<never, never>
    result: { name: string; version: string; time: number; policy: 'open' | 'invitation' }
  }
  /** Shows possession of a key; the statement is `linkProofBytes(relayKey, challenge, kind, subject)`. */
  'link.prove': {
    params: { kind: 'topic' | 'device'; subject: Uint8Array; publicKey: Uint8Array; signature: Uint8Array }
    result: Record<never, never>
  }
  /**
   * Stores a verified log that extends the one held; a fork is kept beside it and served with it. With `fork: false` a
   * log that does not continue everything that is held is `relay/conflict`: two own devices that sign at once do not
   * freeze their identity. Where identities are taken by invitation, `invitation` is the secret of one: it is used up only
   * by an identity that is not held yet. Errors: `relay/not-invited`.
   */
  'identity.put': {
    params: { log: readonly Uint8Array[]; fork?: boolean; invitation?: Uint8Array }
    result: { length: number }
  }
  /** By address, or by any root or recovery public key that the identity ever had. Every held branch is served. */
  'identity.get': {
    params: { address?: string; key?: Uint8Array }
    result: { logs: readonly (readonly Uint8Array[])[] }
  }
  /**
   * Needs the device's proof, and the device certified in a log that this relay holds. Replaces the last-resort package;
   * with `replace`, what is left of the one-time ones too.
   */
  'keys.publish': {
    params: {
      device: Uint8Array
      suite: string
      oneTime: readonly Uint8Array[]
      lastResort?: Uint8Array
      replace?: boolean
    }
    result: { count: number }
  }
  'keys.count': { params: { device: Uint8Array; suite: string }; result: { count: number; lastResort: boolean } }
  /** One package for each device of the address that is not revoked. Costs quota per connection. */
  'keys.claim': { params: { address: string; suite: string }; result: { packages: readonly ClaimedPackage[] } }
  /**
   * Appends to a topic, all or nothing, in order; answers when it is durable. A commit stands alone in its request.
   * Errors: `relay/wrong-epoch` with the current epoch, `relay/unknown-topic`, `relay/not-permitted` (no proof of the
   * key, or no approval by the commit key that the topic has), `relay/conflict`. A reference that is known is answered with its original receipt.
   */
  'topic.publish': {
    params: {
      topic: Uint8Array
      /** Creates the topic if it is absent: topic = topicId(key, nonce). Idempotent. */
      create?: { nonce: Uint8Array; key: Uint8Array; epoch: number }
      entries: readonly EntryUpload[]
      attach?: readonly AttachedBlob[]
      /** The last place that the writer has read. A relay that holds less has lost entries: `relay/lost-entries`. */
      after?: number
    }
    result: { receipts: readonly Receipt[] }
  }
  /**
   * Gives back entries that the relay has signed and holds no longer: it was restored from a copy. They stand at the same
   * places again, with the same receipts; what it holds is passed over. `create` for a topic that it does not know, whose
   * entries then begin at the first. Needs proof of a topic key. `seq`: the last place that it holds now. Errors:
   * `relay/bad-receipt`, `relay/conflict` (the place was given to another entry), `relay/unknown-topic`.
   */
  'topic.restore': {
    params: {
      topic: Uint8Array
      create?: { nonce: Uint8Array; key: Uint8Array; epoch: number }
      entries: readonly Entry[]
    }
    result: { seq: number }
  }
  /** Needs proof of a topic key that opens the range. At most `limit` entries (1 to 256), ascending. */
  'topic.read': {
    params: { topic: Uint8Array; after: number; limit: number }
    result: { entries: readonly Entry[]; head: { seq: number; epoch: number } }
  }
  'topic.head': {
    params: { topic: Uint8Array }
    result: { seq: number; head: Uint8Array; epoch: number; time: number }
  }
  /**
   * Puts an announcement into the topic's successor list; answers when it is durable. Idempotent by reference: a known
   * one is answered with its first seq. Needs proof of any key that the topic has or had. Errors:
   * `relay/unknown-topic`, `relay/not-permitted`, `relay/quota` (`SUCCESSOR_LIMIT`).
   */
  'successor.put': {
    params: { topic: Uint8Array; reference: Uint8Array; body: Uint8Array }
    result: { seq: number }
  }
  /**
   * Announcements after `after`, ascending, at most `limit` (1 to 16) and what fits into a frame; an empty page is the
   * end. Needs proof of any key that the topic has or had.
   */
  'successor.list': {
    params: { topic: Uint8Array; after: number; limit: number }
    result: { items: readonly SuccessorItem[] }
  }
  'blob.get': { params: { id: Uint8Array }; result: { body: Uint8Array } }
  /** Anyone may write (quota per connection and inbox); the inbox must belong to a certified device of this relay. */
  'inbox.put': { params: { device: Uint8Array; reference: Uint8Array; body: Uint8Array }; result: { seq: number } }
  /** Needs the device's proof. `seq` of the newest item, 0 for an inbox that never had one. */
  'inbox.head': { params: { device: Uint8Array }; result: { seq: number } }
  /** Deletes everything up to and including `seq`. */
  'inbox.ack': { params: { device: Uint8Array; seq: number }; result: Record<never, never> }
  /**
   * The sealed archive of an identity: slots that its certified devices overwrite (archive.md). An empty body takes the
   * slot back. Errors: `relay/quota`.
   */
  'archive.put': {
    params: { device: Uint8Array; address: string; slot: Uint8Array; body: Uint8Array }
    result: Record<never, never>
  }
  /** One slot; null if it is not there. */
  'archive.get': {
    params: { device: Uint8Array; address: string; slot: Uint8Array }
    result: { body: Uint8Array | null; time: number }
  }
  /** Slots after `after` in byte order, at most `limit` and what fits into a frame. */
  'archive.list': {
    params: { device: Uint8Array; address: string; after?: Uint8Array; limit: number }
    result: { slots: readonly { slot: Uint8Array; body: Uint8Array; time: number }[] }
  }
  /** Fan-out to the topic's present subscribers, never stored. Needs proof of the current topic key. */
  'signal.send': { params: { topic: Uint8Array; body: Uint8Array }; result: { reached: number } }
  /**
   * Leaves a message for whoever else knows the slot: `side` says who writes, `index` counts that side's messages. Held in
   * memory for ten minutes from the slot's first message. The same again changes nothing; another one at a place that is
   * taken is `relay/conflict`. Errors: `relay/quota`.
   */
  'rendezvous.put': {
    params: { slot: Uint8Array; side: RendezvousSide; index: number; body: Uint8Array }
    result: Record<never, never>
  }
  /** Waits up to `wait` ms (at most 30 s) for the message; null if it is not there by then. */
  'rendezvous.get': {
    params: { slot: Uint8Array; side: RendezvousSide; index: number; wait: number }
    result: { body: Uint8Array | null }
  }
}

export interface Subscriptions {
  /** Entries after `after`, then live. The link resumes from `receipt.seq`. */
  topic: { params: { topic: Uint8Array; after: number }; item: Entry }
  /** Items after `after`, then live. Needs the device's proof. The link resumes from `seq`. */
  inbox: { params: { device: Uint8Array; after: number }; item: InboxItem }
  /** Live only. Needs proof of the current topic key. */
  signals: { params: { topic: Uint8Array }; item: { body: Uint8Array } }
}

export type Method = keyof Methods
export type Params<M extends Method> = Methods[M]['params']
export type Result<M extends Method> = Methods[M]['result']
export type Subscription = keyof Subscriptions
export type SubscriptionParams<S extends Subscription> = Subscriptions[S]['params']
export type SubscriptionItem<S extends Subscription> = Subscriptions[S]['item']
