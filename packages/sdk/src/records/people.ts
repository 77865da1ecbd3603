import type { Picture } from './group.ts'
import type { Address, ConversationId, RelayUrl } from './ids.ts'

/**
 * What a person thinks of another one. `unknown`: a stranger, whose first message or invitation is a request.
 * `denied`: what they asked was refused, a later request is shown again. `blocked`: nothing of theirs is shown, and
 * nothing is reported to them.
 */
export type Consent = 'unknown' | 'allowed' | 'denied' | 'blocked'

/** What a person says of itself, signed by one of its devices. */
export interface Profile {
  readonly address: Address
  /** At most 64 characters. */
  readonly name?: string
  /** At most 1,000 characters. */
  readonly about?: string
  readonly picture?: Picture
  /** Grows with each change. */
  readonly version: number
}

/**
 * `verified`: this person compared the safety number. `changed`: it was verified, and keys were rotated or the log
 * forked since; compare again.
 */
export type Verification = 'unverified' | 'verified' | 'changed'

export interface SafetyNumber {
  /** 60 digits in twelve groups of five, the same on both sides. */
  readonly digits: string
  /** Text of a QR code; `contacts.verify` takes it. */
  readonly qr: string
}

export interface Person {
  readonly address: Address
  /** What to show: the local nickname, else the profile's name, else the short address. */
  readonly title: string
  readonly isContact: boolean
  readonly consent: Consent
  readonly verification: Verification
  /** The identity's log has forked: nobody follows it any further. */
  readonly frozen: boolean
  readonly nickname?: string
  readonly profile?: Profile
  readonly relays: readonly RelayUrl[]
}

/** Somebody whom this person does not know wants to write. The message stays unopened until it is allowed. */
export interface Request {
  readonly conversation: ConversationId
  readonly kind: 'dm' | 'group'
  readonly from: Address
  /** As the sender says it, signed; name and text only. */
  readonly profile?: Profile
  /** A group's name and size are the inviter's word. */
  readonly name?: string
  readonly people?: number
  /** When it came, ms since 1970, by this device's clock. */
  readonly at: number
}
