import type { ErrorCode } from '../errors.ts'
import type { ConversationId } from './ids.ts'

/** Something that a relay did and no honest one does. */
export interface AuditFinding {
  readonly relay: string
  readonly code: ErrorCode
  /** One sentence: the rule and the entry. */
  readonly message: string
  /** The place in the log of the topic. */
  readonly seq?: number
  /** Two receipts of the relay contradict each other: whoever has the evidence can verify it, offline. */
  readonly proof: boolean
  /** Another member says so, who may be the one that lies. */
  readonly hearsay: boolean
  /** When it was found, ms since 1970, by the own clock. */
  readonly at: number
}

/** One log of a conversation, as its relay serves it now. */
export interface AuditedTopic {
  readonly relay: string
  /** Hex. */
  readonly relayKey: string
  /** Hex. */
  readonly topic: string
  /** Entries that were checked, from the first to the head. */
  readonly entries: number
  /** The place up to which this device has read. */
  readonly read: number
  /** Why it could not be checked to its end. */
  readonly problem?: ErrorCode
}

export interface AuditReport {
  readonly conversation: ConversationId
  readonly topics: readonly AuditedTopic[]
  /** What was found now and earlier, oldest first. */
  readonly findings: readonly AuditFinding[]
  /** What the relays signed, for `verifyEvidence`: proofs, and the newest receipts, to lay beside those of others. */
  readonly evidence: Uint8Array
}
