import type { ChatView, Waiting } from './shared-types.ts'

export interface MemberView {
  readonly address: string
  /** The local contact name, if any. */
  readonly name?: string
  readonly own: boolean
  readonly role: string
  readonly state: string
  readonly devices: readonly string[]
}

export interface PictureView {
  readonly mediaType: string
  /** Bytes in base64. */
  readonly data: string
}

export interface GroupView {
  readonly id: string
  readonly name: string
  /** Seconds; 0: messages stay. */
  readonly timer: number
  /** This person's. */
  readonly role: string
  readonly members: readonly MemberView[]
  readonly pins: readonly string[]
  /** Whose programs approve changes for now: `admins` or `owners`; absent: nobody has to. */
  readonly approval?: string
  readonly epoch: number
  readonly term: number
  /** The relay that keeps its log, and all that may, in their order. */
  readonly hub: string
  readonly hubs: readonly string[]
  readonly picture?: PictureView
}

/** Of the group that a change concerned. */
export interface ChangeView {
  readonly chat: string
}

export interface HubsView extends ChangeView {
  readonly hub: string
  readonly hubs: readonly string[]
}

export interface PeopleView extends ChangeView {
  /** Addresses. */
  readonly people: readonly string[]
}

export interface CreatedView extends PeopleView {
  /** Of these, who could not be asked in. */
  readonly missing: readonly string[]
}

/** `group` is a name, an id or the beginning of an id; a person is a contact name, an address or an invite link. */
interface OfGroup extends Waiting {
  readonly group: string
}

export interface GroupCalls {
  'group.create': {
    params: Waiting & {
      readonly name: string
      readonly people?: readonly string[]
      readonly picture?: PictureView
      readonly timer?: number
      readonly wait?: 'queued' | 'open'
    }
    result: CreatedView
  }
  'group.add': { params: OfGroup & { readonly people: readonly string[] }; result: PeopleView }
  'group.remove': { params: OfGroup & { readonly people: readonly string[] }; result: PeopleView }
  'group.leave': { params: OfGroup & { readonly wait?: 'queued' | 'sent' }; result: ChangeView }
  'group.rename': { params: OfGroup & { readonly name: string }; result: ChangeView }
  'group.role': {
    params: OfGroup & { readonly person: string; readonly role: 'owner' | 'admin' | 'member' }
    result: ChangeView & { readonly address: string }
  }
  /** Without a picture the group has none afterwards. */
  'group.picture': { params: OfGroup & { readonly picture?: PictureView }; result: ChangeView }
  /** Also of a direct message. Seconds; 0: messages stay. */
  'group.timer': { params: OfGroup & { readonly seconds: number }; result: ChangeView }
  /** Also of a direct message. Without relays it only tells. `move`: where it goes on from now on. */
  'group.hubs': {
    params: OfGroup & { readonly relays?: readonly string[]; readonly move?: string }
    result: HubsView
  }
  /** Changes need nobody's approval any more. */
  'group.lift': { params: OfGroup; result: ChangeView }
  'group.info': { params: OfGroup & { readonly offline?: boolean }; result: GroupView }
  'group.accept': { params: OfGroup; result: ChatView }
  'group.decline': { params: OfGroup & { readonly wait?: 'queued' | 'sent' }; result: ChangeView }
}
