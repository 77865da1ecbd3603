/** What the store holds, sealed. Plain data that deterministic CBOR can carry; ids are text, keys are bytes. */

import type { ReactionMark } from '../domain/messages/life.ts'
import type { Receipts } from '../domain/messages/receipts.ts'
import type { Gone } from '../domain/rooms/gone.ts'
import type { HistoryAsk } from '../protocol/history/transfer.ts'
import type { InboxKind } from '../protocol/inbox/item.ts'
import type { Envelope } from '../protocol/messages/envelope.ts'
import type { Suite } from '../protocol/mls/engine.ts'
import type { Content } from '../records/content.ts'
import type { Picture } from '../records/group.ts'
import type { Address, ConversationId, DeviceId, MessageId, RelayUrl } from '../records/ids.ts'
import type { InlineQuery } from '../records/inline.ts'
import type { Edition, MessageState } from '../records/message.ts'
import type { OfferEventId } from '../records/offer.ts'
import type { Wait } from '../util/time.ts'
import type { HubRecord } from './room-records.ts'

export type {
  ChangedRecord,
  ControlRecord,
  ForkRecord,
  HintRecord,
  HubRecord,
  LeftRecord,
  MovingRecord,
  OpeningRecord,
  PendingCommitRecord,
  RoomRecord,
} from './room-records.ts'

/** meta/self */
export interface SelfRecord {
  readonly address: Address
  /** The own identity log, encoded. Without a device entry until a restored identity has read its log. */
  readonly log: readonly Uint8Array[]
  readonly seed: Uint8Array
  readonly deviceKey: Uint8Array
  readonly introSeed: Uint8Array
  readonly introKey: Uint8Array
  /** Hash of the own add-device entry; absent while it is still to be added. */
  readonly certificate?: Uint8Array
  readonly relays: readonly RelayUrl[]
  readonly deviceName?: string
  /** The root key's secret; signs rarely. A device that was linked does not have it. */
  readonly rootSecret?: Uint8Array
  /** Came in by linking, and has not read the archive yet. */
  readonly linked?: true
  /** Kept from a restore until the archive was read, then removed. */
  readonly archiveSeed?: Uint8Array
  readonly expiresAt?: number
}

/** identities/<address> */
export interface IdentityRecord {
  readonly log: readonly Uint8Array[]
  readonly frozen: boolean
  /** Where the identity was found, besides the relays that its log names. */
  readonly hints: readonly RelayUrl[]
}

/** profiles/<address>: the newest that this person told of itself, verified. */
export interface ProfileRecord {
  readonly version: number
  readonly name?: string
  readonly about?: string
  readonly picture?: Picture
  /** It came with a request: the picture was left out. */
  readonly short?: true
}

/** conversations/<id>, scope 'all', position: order of activity */
export interface ConversationRecord {
  readonly id: ConversationId
  readonly kind: 'dm' | 'group'
  /** The other person of a direct message. */
  readonly peer?: Address
  /** A group's name, as the room has it, or as it was asked for or said. */
  readonly name?: string
  /** Seconds after which messages disappear, as the room has it; 0 or absent: they stay. */
  readonly timer?: number
  /** Asked in and not entered: the pointers to Welcomes wait here, unopened. */
  readonly invitation?: InvitationRecord
  /** How the invitation was answered, until this device has entered. */
  readonly answered?: 'accepted' | 'declined'
  /** Declined: not shown any more. */
  readonly declined?: boolean
  readonly createdAt: number
  /** The rooms that make it up, hex of their MLS group ids; new messages go to `active`, which may still be to come. */
  readonly rooms: readonly string[]
  readonly active?: string
  /** Where the other person may be found, as it was said by whoever wants to write; of use until the first room is there. */
  readonly relays?: readonly RelayUrl[]
  /** Known from the archive only: this device asked to be let in. */
  readonly restoring?: boolean
  /** Everything up to this place was read here. */
  readonly readPlace: number
  readonly unread: number
  readonly activity: number
  readonly last?: {
    readonly id: MessageId
    readonly from: Address
    readonly preview: string
    readonly at: number
    readonly place: number
  }
}

export interface InvitationRecord {
  readonly from: Address
  /** The inviter's word. */
  readonly people: number
  readonly at: number
  /** Encoded pointers, newest last; each may be for another key package of this device. */
  readonly pointers: readonly Uint8Array[]
}

/** messages/<id>, scope conversation, position: place */
export interface MessageRecord {
  readonly id: MessageId
  readonly conversation: ConversationId
  readonly room: string
  readonly from: Address
  readonly device: DeviceId
  readonly own: boolean
  readonly content: Content
  readonly state: MessageState
  readonly failure?: string
  readonly clientId?: string
  readonly at: number
  readonly place: number
  readonly arrival?: number
  /** Own messages: their intent. */
  readonly intent?: string
  /** What actions have made of it (messages.md). */
  readonly editedAt?: number
  readonly editions?: readonly Edition[]
  readonly reactions?: readonly ReactionMark[]
  readonly expiresAt?: number
  readonly pinned?: true
  /** Own messages in a group. */
  readonly receipts?: Receipts
}

/**
 * messages/ref/<id of the action>, scope ref/<target>: an action that was applied. By it repetitions are found, and
 * what names an edit or a reaction finds the message.
 */
export interface RefRecord {
  /** The message, under the id with which it was first sent. */
  readonly target: MessageId
  readonly from: Address
  readonly type: 'edit' | 'react' | 'retract'
  /** Of a reaction, which is taken back by its id, and of what takes one back. */
  readonly emoji?: string
}

/** messages/ref/<id of the press or answer>, scope press/<message>: what buttons led to, where this person has part in it. */
export interface PressRecord {
  readonly target: MessageId
  readonly from: Address
  readonly type: 'press' | 'answer'
}

/** messages/query/<id>, scope 'queries', position: when (ms): what was asked of or by this person, until it is answered. */
export interface QueryRecord {
  readonly conversation: ConversationId
  readonly own: boolean
}

/** jobs/expiry/<message id>, scope 'expiry', position: when (ms) * 1024, and a count within the millisecond. */
export interface ExpiryRecord {
  readonly id: MessageId
  readonly expiresAt: number
}

/** outbox/<hex reference>, scope: room while it is to be sent, position: order of sending */
export interface IntentRecord {
  readonly reference: Uint8Array
  readonly room: string
  readonly ordinal: number
  /** MIMI content, fixed for good. */
  readonly content: Uint8Array
  /** Absent for reports and actions: they are no messages of a person. */
  readonly messageId?: MessageId
  readonly action?: ActionIntent
  /** The content is a step of an offer: each try commits to the event with a salt of its own (offers.md). */
  readonly offer?: {
    readonly event: OfferEventId
    readonly salts: readonly { readonly entry: Uint8Array; readonly salt: Uint8Array }[]
  }
  /** What is said of the room instead of content. */
  readonly control?: Exclude<Envelope['payload'], { readonly kind: 'content' }>
  /** Hashes of every entry that was tried: a receipt counts only for one of them. */
  readonly tried: readonly Uint8Array[]
  /** Length of the own log that each of the last tries named: from its place on it holds in the room. */
  readonly named?: readonly number[]
  /** From a backup: the device that it was made on may have brought it out, in a way that this store does not know. */
  readonly restored?: true
}

/** outbox/said/<hex reference>, scope said/<room>, position: ordinal: an own entry that another hub may have to be told again. */
export interface SaidRecord {
  readonly intent: IntentRecord
  readonly topic: Uint8Array
  readonly seq: number
}

/** outbox/gone/<room>: stays that commits have ended, newest last: who could not read that is told. */
export type GoneRecord = readonly Gone[]

/** An own action on its way; what it does happens when it is read back at its place. */
export interface ActionIntent {
  /** Of the action's own content. */
  readonly id: MessageId
  readonly target: MessageId
  readonly type: 'react' | 'unreact' | 'edit' | 'delete' | 'press' | 'answer'
  readonly emoji?: string
}

/**
 * arrivals/act/<number>, scope 'acts', position: number, which arrivals of messages share. Something done to a message by
 * somebody else: kept only where somebody asked for it, and until everybody who did has seen it.
 */
export type ActRecord = {
  /** The message. */
  readonly id: MessageId
  readonly by: Address
  readonly at: number
} & (
  | { readonly type: 'edited' | 'deleted' }
  | { readonly type: 'reaction'; readonly emoji: string; readonly added: boolean }
  | { readonly type: 'press'; readonly press: MessageId; readonly callback: string }
)

/** The same for what was asked of this person. */
export type QueryActRecord = Omit<InlineQuery, 'cursor'>

/** outbox/client/<client id> */
export interface ClientIdRecord {
  /** The message, action or conversation that was made with the key. */
  readonly messageId: string
  /** Hash of what was asked for: the same key for something else is an error. */
  readonly fingerprint: Uint8Array
}

/** keyPackages/<hex reference>, scope suite */
export interface KeyPackageRecord {
  readonly suite: Suite
  readonly publicPackage: Uint8Array
  readonly privatePackage: Uint8Array
  readonly lastResort: boolean
  readonly notAfter: number
  /** From a backup: who joins by it must not send from what that gives, because it may have been used before. */
  readonly restored?: true
}

/** meta/stock/<suite>/<relay>: from when to when (seconds) every package that the relay holds of this device is valid. */
export interface StockRecord {
  readonly notBefore: number
  readonly notAfter: number
}

/** jobs/<key>, scope 'all', position: order of creation. Durable work that may be repeated. */
export type JobRecord = {
  readonly key: string
  readonly attempts: number
  readonly ordinal: number
} & Wait &
  JobTask

export type JobTask =
  /** Publish the own log at the home relays. */
  | { readonly kind: 'publish-log' }
  /** Open the room of a conversation. */
  | { readonly kind: 'open-dm'; readonly conversation: ConversationId; readonly relays: readonly RelayUrl[] }
  /** The time for which the inbox of a relay that was left is read is over. */
  | { readonly kind: 'leave-relay'; readonly relay: RelayUrl }
  /** Give a new home relay what the others hold of the archive. */
  | { readonly kind: 'copy-archive'; readonly relay: RelayUrl }
  /** Say something in every conversation whose people do not know the newest own log. */
  | { readonly kind: 'tell-log' }
  /** Leave a sealed item in somebody's inbox at each home relay. */
  | {
      readonly kind: 'post'
      readonly address: Address
      readonly deviceKey: Uint8Array
      readonly item: InboxKind
      readonly body: Uint8Array
      readonly reference: Uint8Array
    }
  /** Let a device in that asked for it. */
  | {
      readonly kind: 'admit'
      readonly room: string
      readonly address: Address
      readonly deviceKey: Uint8Array
      readonly keyPackage: Uint8Array
    }
  /** Join by a pointer. */
  | { readonly kind: 'join'; readonly from: Address; readonly pointer: Uint8Array }
  /** Rejoin by external commit with the state that a member sent. */
  | { readonly kind: 'rejoin'; readonly from: Address; readonly offer: Uint8Array }
  /** Ask the members to be let in. */
  | {
      readonly kind: 'ask'
      readonly room: string
      readonly topic: Uint8Array
      readonly suite: Suite
      readonly people: readonly Address[]
      readonly relays: readonly RelayUrl[]
      /** Whether this person is in is not known: asked once, and an answer counts until then (ms since 1970). */
      readonly perhapsUntil?: number
    }
  /** Commit an empty path, or take out revoked devices. */
  | { readonly kind: 'update'; readonly room: string }
  /** Replace the own leaf: the store is an old copy. */
  | { readonly kind: 'replace-leaf'; readonly room: string }
  | { readonly kind: 'remove-revoked'; readonly room: string }
  /** Add a device that was let in to every room. */
  | { readonly kind: 'bring-in'; readonly deviceKey: Uint8Array }
  /** What follows where this device has revoked another one, once the log says so. */
  | { readonly kind: 'revoked'; readonly deviceKey: Uint8Array }
  /** Confirm that a person left. */
  | {
      readonly kind: 'remove-left'
      readonly room: string
      readonly address: Address
      readonly deviceKey: Uint8Array
      readonly signature: Uint8Array
    }
  /** Open the room of a group. */
  | {
      readonly kind: 'open-group'
      readonly conversation: ConversationId
      readonly picture?: Picture
      readonly timer: number
      readonly people: readonly Address[]
      /** Relays that may be its hub; absent: the home relays. */
      readonly relays?: readonly RelayUrl[]
    }
  /** Ask people into a group; who is there already is passed over. */
  | { readonly kind: 'add-people'; readonly room: string; readonly people: readonly Address[] }
  /** Find or open the successor of a topic that a void commit ended. */
  | { readonly kind: 'repair'; readonly room: string }
  /** Publish the commit of a device that does not hold the commit key, with the approval of this one. */
  | {
      readonly kind: 'approve'
      readonly room: string
      readonly deviceKey: Uint8Array
      readonly topic: Uint8Array
      readonly reference: Uint8Array
      readonly epoch: number
      readonly body: Uint8Array
      readonly frame: Uint8Array
    }
  /** See whether the commit key is held by those who should hold it. */
  | { readonly kind: 'commit-key'; readonly room: string }
  /** See whether the room goes on at another hub, and take it there if its own is gone. */
  | { readonly kind: 'handover'; readonly room: string }
  /** Tell of a handover: the other members, and the old hub as soon as it can be reached again. */
  | {
      readonly kind: 'announce'
      readonly room: string
      /** What was left, and the epoch from which it goes on. */
      readonly from: { readonly topic: Uint8Array; readonly hub: HubRecord }
      readonly to: { readonly topic: Uint8Array; readonly hub: HubRecord }
      readonly epoch: number
      readonly seed: Uint8Array
      /** The commit by which it goes on: the hub that has it may be gone when the old one is back. Earlier versions did not keep it. */
      readonly first?: { readonly reference: Uint8Array; readonly body: Uint8Array; readonly frame: Uint8Array }
      /** ms since 1970: a hub that has not come back by then is not waited for. */
      readonly until: number
      readonly proof?: readonly Uint8Array[]
    }
  /** Do again what a handover has undone; `late`: also what another own device did, and had the time to do again. */
  | { readonly kind: 'remove-again'; readonly room: string; readonly late?: true }
  /** Keep the archive at the home relays true. */
  | { readonly kind: 'archive'; readonly room: string }
  /** An old copy of a store read that its person is out: whether that is the last word stands in the archive. */
  | { readonly kind: 'look-again'; readonly room: string }
  | { readonly kind: 'read-archive' }
  /** Ask the other own devices for the past; give a piece of it to one that asked. */
  | { readonly kind: 'ask-history' }
  /** Take what was said while this device waited to be let into a room. */
  | { readonly kind: 'catch-up' }
  | { readonly kind: 'give'; readonly ask: Uint8Array; readonly to: DeviceId; readonly wanted: HistoryAsk }
  /** Answer who accepted offers of an own listing. */
  | { readonly kind: 'sell'; readonly listing: string }
  /** Tell who has open offers of an own listing what is left. */
  | { readonly kind: 'left'; readonly listing: string }
  /** Tell the own other devices what is sold of a listing; let one of them have it that asked. */
  | { readonly kind: 'books' | 'pass'; readonly listing: string }
  /** Find or open the conversation of the own devices. */
  | { readonly kind: 'open-self' }
  /** Tell the own other devices what changed. */
  | { readonly kind: 'share' }
  /** Tell an own device that came in all that this one holds. */
  | { readonly kind: 'answer'; readonly room: string; readonly ask: Uint8Array }
  /** Keep the channels of a group's bots in step with it. */
  | { readonly kind: 'channels'; readonly room: string }
  /** Bring what a bot said in its channel into the group. `target`: what it is about, if it is waited for `until` then. */
  | {
      readonly kind: 'carry'
      readonly room: string
      readonly post: Uint8Array
      readonly id: MessageId
      readonly target?: MessageId
      readonly until: number
    }
  /** Look a person's log up again. */
  | { readonly kind: 'refresh'; readonly address: Address }

/** jobs/report/<room>: what the next status report of a room says. */
export interface ReportRecord {
  readonly delivered: readonly MessageId[]
  readonly read: readonly MessageId[]
}

/** meta/import: a backup that is being written into this store; nobody opens it meanwhile. */
export const IMPORTING = 'import'

export interface ImportRecord {
  readonly backup: Uint8Array
  /** Its first so many rows are here. */
  readonly rows: number
}
