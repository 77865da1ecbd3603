/** What the store holds, sealed, of rooms and of where they live. */

import type { CommitMark } from '../domain/rooms/lateness.ts'
import type { ChangeMark, Undone } from '../domain/rooms/undone.ts'
import type { Move } from '../protocol/inbox/moves.ts'
import type { ControlChange } from '../protocol/messages/control-change.ts'
import type { Snapshot } from '../protocol/messages/snapshot.ts'
import type { Suite } from '../protocol/mls/engine.ts'
import type { Address, ConversationId, RelayUrl } from '../records/ids.ts'
import type { Wait } from '../util/time.ts'

export interface HubRecord {
  readonly url: RelayUrl
  readonly key: Uint8Array
}

/** rooms/<hex group id>, scope 'all', position: ordinal */
export interface RoomRecord {
  readonly id: string
  readonly ordinal: number
  readonly conversation: ConversationId
  readonly suite: Suite
  readonly topic: Uint8Array
  /** The creator's, to create the topic (again). */
  readonly nonce?: Uint8Array
  /** A home relay was told of it before it was opened (archive.md). */
  readonly told?: true
  readonly hub: HubRecord
  readonly term: number
  /** creating: the first commit is not in the log yet. rejoining: asked to be let in. closed: over; another room goes on. */
  readonly state: 'creating' | 'open' | 'rejoining' | 'voided' | 'closed'
  /** The commit that ended the topic: for everybody (voided), or as far as this device can tell (rejoining). */
  readonly voided?: { readonly seq: number; readonly epoch: number; readonly offender?: Address }
  /** voided: the topic was left for another hub, by choice at (seq, head), or because this device opens the next one (hubs.md). */
  readonly moving?: MovingRecord
  /** Since when (ms, by the own clock) its hub is gone, over all runs of this client. */
  readonly goneSince?: number
  /** The hub was caught, and the room leaves it: what was found passes once `until` is read; `proof`: two receipts, encoded. */
  readonly caught?: { readonly at: number; readonly until?: number; readonly proof?: readonly Uint8Array[] }
  /** voided, rejoining: since when (ms, by the own clock). Turns and waits count from here. */
  readonly haltedAt?: number
  /** The successor that this device opens; it counts if it is the first in the list. */
  readonly opening?: OpeningRecord
  /** rejoining at another hub: what was left, to go back to where nobody answers. */
  readonly left?: LeftRecord
  /** rejoining on another side of the conversation: the term of the last topic of both. What was said behind it goes aside on entering. */
  readonly sharedTerm?: number
  /** The next topic that the old hub's list names, where nobody answered: only later word of it counts. `at`: ms. */
  readonly unanswered?: { readonly topic: Uint8Array; readonly at: number }
  /** rejoining: devices that said they cannot follow either, by hex of their keys, and when this device heard it last (ms). */
  readonly unable?: Readonly<Record<string, number>>
  /** The epoch in which the present topic began: nothing of an older one belongs to it. */
  readonly firstEpoch: number
  /** The void commit of the topic before, which the first entry of this one answers. */
  readonly successor?: { readonly topic: Uint8Array; readonly seq: number; readonly offender?: Address }
  /** The topic at another hub that this one continues, and the epoch from which it does (hubs.md). */
  readonly handover?: {
    readonly topic: Uint8Array
    readonly hub: HubRecord
    readonly epoch: number
    /** Up to this place of it everybody else had read, by their own word. */
    readonly readBy: number
    readonly at?: { readonly seq: number; readonly head: Uint8Array }
    /** Two receipts of the old hub that contradict each other, encoded: why it was left. */
    readonly proof?: readonly Uint8Array[]
  }
  /** The last moves to other hubs that led here, newest last: others may have gone elsewhere from one of them (hubs.md). */
  readonly forks?: readonly ForkRecord[]
  /** Where members said that the present topic goes on, or one in which this device is not yet. */
  readonly hints?: readonly HintRecord[]
  /** The first topic that a device lacks which asks to come back, by hex of its key. */
  readonly missing?: Readonly<Record<string, Uint8Array>>
  /** How far it had read the topic before that one, where it says so. */
  readonly missingFrom?: Readonly<Record<string, number>>
  /** rejoining: only a topic of a later term than this one is gone to, where the one that was named is over too. */
  readonly laterThan?: number
  /** closed: by the word of who ended this person's stay, which was not read in the log. A member's answer may still say otherwise. */
  readonly toldGone?: true
  /** Up to where the other devices have read the present topic, by their own word; hex of their keys. */
  readonly seen?: Readonly<Record<string, number>>
  /** Where devices were added in the present topic, by hex of their keys: what stands before is not theirs to read. */
  readonly added?: Readonly<Record<string, number>>
  /** Devices that were taken out by commits which a handover has undone, hex of their keys: they go out again. */
  readonly removedBefore?: readonly string[]
  /** What commits did that a handover has undone: it is done again. */
  readonly undone?: readonly Undone[]
  /** Place of the commit that began the present epoch. */
  readonly epochSeq: number
  /** This person said goodbye: nothing is sent any more. */
  readonly leaving?: boolean
  readonly seq: number
  readonly head: Uint8Array
  readonly time: number
  /** Up to this place in the room there are entries that this device could not see. */
  readonly missed?: number
  /** The last entry's receipt, encoded: with one that contradicts it, it is proof against the relay. */
  readonly receipt?: Uint8Array
  /** The heads of the last entries, newest last, to hold against what others saw. */
  readonly heads: readonly { readonly seq: number; readonly head: Uint8Array }[]
  /** The epoch's topic seeds that can still be needed, newest last. */
  readonly epochs: readonly { readonly epoch: number; readonly seed: Uint8Array }[]
  readonly commits: readonly CommitMark[]
  /** The first epoch that this device holds: entries of older ones are a gap, not void. */
  readonly joinedEpoch: number
  readonly spoke: { readonly own: boolean; readonly peer: boolean }
  /** The own log head that was last carried into this room. */
  readonly logCarried?: Uint8Array
  readonly pending?: PendingCommitRecord
  /** The store is an old copy: it reads, and writes nothing before it has replaced its leaf. */
  readonly stale?: boolean
  /** The last epoch of the state that a rejoin replaced; it is kept to read what belongs to it. */
  readonly pastEpoch?: number
  /** When this device owes the room a commit with a path. */
  readonly update: Wait
}

/**
 * outbox/changed/<room>: what commits did, oldest first, and the seeds of the epochs that they ended, with their topics:
 * others may go on elsewhere without the last of them.
 */
export interface ChangedRecord {
  readonly marks: readonly (ChangeMark & { readonly topic: Uint8Array })[]
  readonly epochs: readonly { readonly topic: Uint8Array; readonly epoch: number; readonly seed: Uint8Array }[]
}

/** A room as it was before it was to go on elsewhere. */
export interface LeftRecord {
  readonly record: RoomRecord
  readonly changed: ChangedRecord
}

/** Where a topic goes on, and from which of its epochs, as a member's device said. */
export interface HintRecord {
  readonly by: { readonly address: Address; readonly deviceKey: Uint8Array }
  /** When it was heard, in ms. */
  readonly at?: number
  /** The stay of its person: what somebody said counts no more once they have been taken out. */
  readonly since?: number
  /** Absent in stores of earlier versions: the present one. */
  readonly from?: Uint8Array
  readonly topic: Uint8Array
  readonly hub: HubRecord
  readonly epoch: number
  /** Of its move, where the device said it. */
  readonly order?: Move['order']
}

/** A topic from which the conversation went on at another hub. */
export interface ForkRecord extends Move {
  /** Hex of the devices that were taken out since, in topics that were left. */
  readonly removed: readonly string[]
  /** This device has told the others where it went on. */
  readonly told?: true
  /** How far this device had read the topic when it left it. */
  readonly readTo?: number
}

export interface MovingRecord {
  /** Where to; absent: to whichever hub of the list can be reached. */
  readonly hub?: HubRecord
  /** The end of the topic, where it was chosen. */
  readonly at?: { readonly seq: number; readonly head: Uint8Array }
  /** This device made the choice. */
  readonly own?: true
  /** The topic was over before its hub went: there is no way back. */
  readonly ended?: true
  /** The next topic as this device opens it, stored before it leaves; the state after it stands in groups/<room>/pending. */
  readonly opening?: Pick<OpeningRecord, 'topic' | 'nonce' | 'pending'> & { readonly hub: HubRecord }
}

/** A successor's announcement and first commit, stored before they leave; the state after it stands in groups/<room>/pending. */
export interface OpeningRecord {
  readonly topic: Uint8Array
  readonly nonce: Uint8Array
  readonly pending: PendingCommitRecord
  /** The announcement as it goes into the old topic's list, and its reference there. */
  readonly sealed: Uint8Array
  readonly reference: Uint8Array
}

/**
 * groups/<room>/control: what commits have made of the conversation, and what is known of its people besides. It changes
 * rarely and grows with the people, so it is a row of its own.
 */
export interface ControlRecord {
  readonly snapshot: Snapshot
  /** Log length that an entry of this room named, by address: from there on revocations hold here. */
  readonly named: Readonly<Record<string, number>>
  /** People of whom something was read here: they have accepted. */
  readonly heard: readonly Address[]
}

/** A commit on its way: the state after it stands in groups/<room>/pending until its entry is read back. */
export interface PendingCommitRecord {
  readonly reference: Uint8Array
  /** Entry hash: the own commit is recognised by it. */
  readonly entry: Uint8Array
  readonly body: Uint8Array
  readonly frame: Uint8Array
  readonly epoch: number
  readonly removed: readonly string[]
  /** The control state after it, if it changes any. */
  readonly snapshot: Snapshot
  readonly changes: readonly ControlChange[]
  readonly blobs: readonly { readonly id: Uint8Array; readonly body: Uint8Array }[]
  /** Who gets a pointer once the commit stands. */
  readonly joiners: readonly {
    readonly address: Address
    readonly deviceKey: Uint8Array
    readonly package: Uint8Array
  }[]
  readonly blobKey?: Uint8Array
  /** Replaces the own leaf by an external commit. */
  readonly external?: boolean
  /** Renews the own leaf, where nobody else has one: no other copy of the store knows of it. */
  readonly fresh?: true
  /** From a backup: what it leads to may have been used before. */
  readonly restored?: true
}
