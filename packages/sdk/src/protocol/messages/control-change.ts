import { type Picture, ROLES, type Role } from '../../records/group.ts'
import type { Address, MessageId } from '../../records/ids.ts'
import { fromHex } from '../../util/bytes.ts'
import { type Hub, hubValue } from '../topic/hub.ts'
import type { CborValue } from '../wire/cbor.ts'
import { type CommitKey, commitKeyValue } from './commit-key.ts'
import { type BotEntry, pictureValue } from './snapshot.ts'

/** Changes that one commit may carry. */
export const CHANGES_LIMIT = 64

/** A person's word that somebody goes, by a device of theirs: over `removalStatement`. */
export interface RemovalOrder {
  readonly address: Address
  readonly deviceKey: Uint8Array
  readonly signature: Uint8Array
}

/** One change of a conversation's control state; it rides in a commit's `authenticated_data` (groups.md). */
export type ControlChange =
  | { readonly kind: 'add'; readonly address: Address }
  /** `order`: by whose word; whoever holds it may make the change again where a handover has undone it (hubs.md). */
  | { readonly kind: 'remove'; readonly address: Address; readonly order?: RemovalOrder }
  /** The person said so: `signature` is over `leaveStatement`, by the device key, which must be one of the person's leaves. */
  | {
      readonly kind: 'left'
      readonly address: Address
      readonly deviceKey: Uint8Array
      readonly signature: Uint8Array
    }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'picture'; readonly picture?: Picture }
  | { readonly kind: 'timer'; readonly seconds: number }
  | { readonly kind: 'role'; readonly address: Address; readonly role: Role }
  | { readonly kind: 'pin'; readonly message: MessageId }
  | { readonly kind: 'unpin'; readonly message: MessageId }
  /**
   * Opens a successor topic: the commit at `seq` of topic `topic` is void, and `offender` made it, if its author is
   * proven. Only the first commit of a topic carries it. `commitKey`: approves the commits of the topic.
   */
  | {
      readonly kind: 'successor'
      readonly topic: Uint8Array
      readonly seq: number
      readonly offender?: Address
      readonly commitKey?: CommitKey
    }
  /** Accepts a bot's manifest, with its channel if it is restricted (bots.md). */
  | ({ readonly kind: 'bot' } & Pick<BotEntry, 'address' | 'manifest' | 'channel'>)
  /** Takes a bot out. */
  | { readonly kind: 'unbot'; readonly address: Address }
  /** Names the relays that may be the hub, in their order (hubs.md). */
  | { readonly kind: 'hubs'; readonly hubs: readonly Hub[] }
  /** Ends the topic here: the conversation goes on at another hub, by choice (hubs.md). */
  | { readonly kind: 'move'; readonly hub: Hub }
  /** Begins the topic of the next term at `hub`: the one before was read up to (seq, head). */
  | {
      readonly kind: 'handover'
      readonly topic: Uint8Array
      readonly seq: number
      readonly head: Uint8Array
      readonly hub: Hub
    }
  /** Renews the commit key, or lifts it. */
  | { readonly kind: 'commit-key'; readonly commitKey?: CommitKey }

/** In the order of their numbers on the wire. */
export const CHANGE_KINDS = [
  'add',
  'remove',
  'left',
  'name',
  'picture',
  'timer',
  'role',
  'pin',
  'unpin',
  'successor',
  'bot',
  'unbot',
  'hubs',
  'move',
  'handover',
  'commit-key',
] as const

/** Wire: CBOR array [number of the kind, …fields]. */
export const controlValue = (change: ControlChange): CborValue => [
  CHANGE_KINDS.indexOf(change.kind),
  ...fieldsOf(change),
]

/** What stands behind the number. */
export const fieldsOf = (change: ControlChange): CborValue[] => {
  switch (change.kind) {
    case 'add':
      return [change.address]
    case 'remove': {
      const { address, order } = change
      return order === undefined ? [address] : [address, [order.address, order.deviceKey, order.signature]]
    }
    case 'left':
      return [change.address, change.deviceKey, change.signature]
    case 'name':
      return [change.name]
    case 'picture':
      return [pictureValue(change.picture)]
    case 'timer':
      return [change.seconds]
    case 'role':
      return [change.address, ROLES.indexOf(change.role)]
    case 'pin':
    case 'unpin':
      return [fromHex(change.message) as Uint8Array]
    case 'successor': {
      const { topic, seq, offender, commitKey } = change
      return [topic, seq, offender ?? null, ...(commitKey === undefined ? [] : [commitKeyValue(commitKey)])]
    }
    case 'bot': {
      const { address, manifest, channel } = change
      return [address, manifest, channel === undefined ? null : [channel.room, channel.topic]]
    }
    case 'unbot':
      return [change.address]
    case 'hubs':
      return [change.hubs.map(hubValue)]
    case 'move':
      return [hubValue(change.hub)]
    case 'handover':
      return [change.topic, change.seq, change.head, hubValue(change.hub)]
    case 'commit-key':
      return [change.commitKey === undefined ? null : commitKeyValue(change.commitKey)]
  }
}
