import type { StoreWriter } from '../../domain/store/store.ts'
import type { DchatError } from '../../errors.ts'
import type { WireAction } from '../../protocol/content/read.ts'
import type { MessageStatus } from '../../protocol/content/status.ts'
import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import type { Group } from '../../protocol/mls/engine.ts'
import type { Receipt } from '../../protocol/wire/methods.ts'
import type { Content } from '../../records/content.ts'
import type { Notice } from '../../records/group.ts'
import type { Address, DeviceId, MessageId } from '../../records/ids.ts'
import type { ClientEvent } from '../client.ts'
import type { PutPress } from '../message-life/read-action.ts'
import type { ControlRecord, IntentRecord, JobTask, RoomRecord } from '../records.ts'
import type { Told } from './told.ts'

/** Puts a step of an offer at its place, in the transaction of the entry; gives the message as it is shown (offers.md). */
export type PutOffer = (tx: StoreWriter) => Promise<Content>

export type PutInline = (tx: StoreWriter, told: Told, nextArrival: () => number) => Promise<void>

/** What reading entries leads to; nothing of it is visible before all of it is stored in one transaction. */
export type Effect =
  | {
      readonly kind: 'message'
      readonly id: MessageId
      readonly from: Address
      readonly device: DeviceId
      readonly content: Content
      /** It is here as history, and news from now on. */
      readonly history?: true
      readonly offer?: PutOffer
      readonly at: number
      readonly place: number
      readonly epoch: number
      readonly expiresAt?: number
    }
  /** Something done to a message, under the control state of its place. */
  | {
      readonly kind: 'action'
      readonly id: MessageId
      readonly from: Address
      readonly action: WireAction
      readonly press?: PutPress
      readonly at: number
      readonly seq: number
      readonly snapshot: Snapshot
    }
  /** Something happened to the conversation; shown at the place of the commit that did it. */
  | {
      readonly kind: 'notice'
      readonly notice: Notice
      readonly device: DeviceId
      readonly at: number
      readonly place: number
    }
  /** An own entry was read back: it has its place. */
  | {
      readonly kind: 'sent'
      readonly intent: IntentRecord
      readonly offer?: PutOffer
      readonly at: number
      readonly place: number
      readonly epoch: number
      readonly expiresAt?: number
    }
  /** An own entry came too late and counts for nobody: the same content goes out again under the same id. */
  | { readonly kind: 'again'; readonly intent: IntentRecord }
  | {
      readonly kind: 'report'
      readonly from: Address
      readonly items: readonly { id: MessageId; status: MessageStatus }[]
      readonly snapshot: Snapshot
    }
  /** Asked or answered while somebody types. */
  | { readonly kind: 'inline'; readonly from: Address; readonly put: PutInline }
  | { readonly kind: 'job'; readonly key: string; readonly task: JobTask; readonly after?: number }
  | { readonly kind: 'event'; readonly event: ClientEvent }
  /** The own pending commit is over, won or lost. */
  | { readonly kind: 'pending-over' }
  /** Something personal was said: what follows happens in the same transaction (personal.md, groups.md). */
  | { readonly kind: 'personal'; readonly store: (tx: StoreWriter, told: Told) => Promise<void> }
  /** A state that is read-only from here on. */
  | { readonly kind: 'past'; readonly group: Group }

/** The state between two transactions: what the entries read so far have made of the room. */
export interface Work {
  record: RoomRecord
  group: Group | undefined
  control: ControlRecord
  readonly effects: Effect[]
  /** The states that came one after the other; what each used up is zeroed once the last of them is stored. */
  readonly spent: Group[]
  /** Set when the room cannot be followed any more; the entries after it are not read. */
  halt?: 'rejoin' | 'voided' | 'moving' | 'closed'
  /** A receipt that contradicts the last one: together they are proof against the relay. */
  proof?: Receipt
  /** Own entries wait to be said again (hubs.md). */
  saysAgain?: true
  /** What the relay was caught at without its stopping the reading. */
  fault?: DchatError
}

/** An entry that counts for nobody. */
export const voided = (work: Work, seq: number, reason: string): Effect => ({
  kind: 'event',
  event: { type: 'void', conversation: work.record.conversation, seq, reason },
})

/** An entry that this device cannot see. */
export const gap = (work: Work, seq: number): Effect => ({
  kind: 'event',
  event: { type: 'gap', conversation: work.record.conversation, from: seq, to: seq },
})
