/** People, as plain JSON. Field names as in the SDK. */

import type { PictureView } from './group-types.ts'
import type { Waiting } from './shared-types.ts'

export interface ProfileView {
  readonly address: string
  readonly name?: string
  readonly about?: string
  readonly picture?: PictureView
  /** 0: nothing was told yet. */
  readonly version: number
}

export interface PersonView {
  readonly address: string
  readonly title: string
  readonly isContact: boolean
  readonly consent: string
  readonly verification: string
  readonly frozen: boolean
  readonly nickname?: string
  readonly profile?: ProfileView
  readonly relays: readonly string[]
  /** Where both identities are known and none is frozen. */
  readonly safetyNumber?: string
}

/** Somebody who is not known and wants to write, or asks into a group. */
export interface RequestView {
  readonly chat: string
  readonly kind: string
  readonly from: string
  /** As they call themselves. */
  readonly name?: string
  readonly about?: string
  /** A group's name and size are the inviter's word. */
  readonly title?: string
  readonly people?: number
  readonly at: number
}

export interface ConsentView {
  readonly address: string
  readonly consent: string
}

export interface VerifyView {
  readonly address: string
  readonly verification: string
  readonly digits: string
  readonly qr: string
}

/** A contact name, address or invite link; also the conversation or the own name of somebody who asks. */
interface OfPerson {
  readonly person: string
}

export interface PeopleCalls {
  'contacts.rename': { params: OfPerson & { readonly name?: string }; result: ConsentView & { readonly name?: string } }
  'contacts.remove': { params: OfPerson; result: { readonly address: string } }
  'contacts.show': { params: OfPerson; result: PersonView }
  /** Resolves when what the person asked is there, or no relay could be reached. */
  'contacts.allow': { params: OfPerson & Waiting; result: ConsentView & { readonly checked: boolean } }
  'contacts.deny': { params: OfPerson; result: ConsentView }
  'contacts.block': { params: OfPerson; result: ConsentView }
  'contacts.unblock': { params: OfPerson; result: ConsentView }
  /** Without `compared` and `same` the number is only told. */
  'contacts.verify': {
    params: OfPerson & { readonly compared?: string; readonly same?: boolean; readonly off?: boolean }
    result: VerifyView
  }
  'profile.show': { params: Record<never, never>; result: ProfileView }
  /** null takes one back. */
  'profile.set': {
    params: { readonly name?: string | null; readonly about?: string | null; readonly picture?: PictureView | null }
    result: ProfileView
  }
}

export interface PeopleStreams {
  'contacts.requests': { params: Waiting & { readonly offline?: boolean }; item: RequestView }
}
