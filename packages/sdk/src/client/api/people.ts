import type { Contact } from '../../records/conversation.ts'
import type { Address } from '../../records/ids.ts'
import type { Person, Profile, Request, SafetyNumber } from '../../records/people.ts'
import type { Abortable } from '../../util/abort.ts'

export interface Contacts {
  /** From an address or an invite link; looks the log up when connected (`identity/unknown-peer`). Allows the person. */
  add(addressOrInvite: string, options?: Abortable & { name?: string }): Promise<Contact>
  /** By address, invite link or contact name; undefined if there is none. */
  find(nameOrAddress: string): Promise<Contact | undefined>
  list(): Promise<readonly Contact[]>
  remove(address: Address): Promise<void>
  /** A local nickname; undefined takes it back. On all own devices. */
  rename(address: Address, name: string | undefined): Promise<void>
  /** What is known of anybody, contact or not. */
  person(address: Address): Promise<Person>
  /** Strangers who want to write, newest first. */
  requests(): Promise<readonly Request[]>
  /** Lets what this person asked in, and everything that comes later. Groups are still accepted one by one. */
  allow(address: Address): Promise<void>
  /** Drops what this person asked, without a word; a later request is shown again. */
  deny(address: Address): Promise<void>
  /** Silence, both ways, on all own devices. */
  block(address: Address): Promise<void>
  unblock(address: Address): Promise<void>
  /** The same digits on both sides, while both know the newest of each other. */
  safetyNumber(address: Address): Promise<SafetyNumber>
  /** Marks the person as verified; with the other side's digits or QR text, only if they fit (`identity/not-the-same`). */
  verify(address: Address, compared?: string): Promise<void>
  unverify(address: Address): Promise<void>
}

/** What this person tells of itself to those it talks with. */
export interface Profiles {
  mine(): Promise<Profile>
  /** Fields that are left out stay; undefined takes one back. */
  set(changes: {
    name?: string | undefined
    about?: string | undefined
    picture?: Profile['picture']
  }): Promise<Profile>
  get(address: Address): Promise<Profile | undefined>
}
