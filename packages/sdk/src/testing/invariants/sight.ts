import type { CommitMark } from '../../domain/rooms/lateness.ts'
import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import type { MessageState } from '../../records/message.ts'

/** A room as a device's store shows it. Bytes are hex. */
export interface RoomSight {
  readonly id: string
  /** Its conversation. */
  readonly chat: string
  readonly kind: Snapshot['kind']
  readonly topic: string
  readonly term: number
  /** Everything up to this place was read. */
  readonly seq: number
  readonly state: 'creating' | 'open' | 'rejoining' | 'voided' | 'closed'
  readonly leaving: boolean
  /** Asked in (again), and not answered yet or not in yet. */
  readonly invited: boolean
  /** A commit of this device waits for its receipt. */
  readonly pending: boolean
  readonly epoch: number
  /** The first epoch of the present stay. */
  readonly joinedEpoch: number
  /** Topic seeds by epoch, as hashes. */
  readonly seeds: ReadonlyMap<number, string>
  /** The heads of the last places. */
  readonly heads: ReadonlyMap<number, string>
  readonly commits: readonly CommitMark[]
  readonly snapshot: Snapshot
}

/** What MLS itself says of a room's present epoch. */
export interface TreeSight {
  readonly room: string
  readonly topic: string
  readonly epoch: number
  readonly authenticator: string
  /** Device ids of the leaves, ascending. */
  readonly devices: readonly string[]
  /** Their people, ascending, each once. */
  readonly people: readonly string[]
  /** Nodes whose secret does not fit the key that the tree publishes. */
  readonly foreignKeys: readonly number[]
}

/** A message as a device shows it. */
export interface MessageSight {
  readonly id: string
  readonly chat: string
  readonly room: string
  readonly from: string
  readonly device: string
  readonly own: boolean
  /** Undefined while it has no place. */
  readonly spot: Spot | undefined
  readonly state: MessageState
  readonly isNotice: boolean
  /** Handed on by another own device or the archive: no sign that this one could read it. */
  readonly isHistory: boolean
  readonly expiresAt: number | undefined
  /** What everybody sees of it, as one text: content, wordings, reactions, time. */
  readonly shown: string
}

/** A trade offer as a device's store shows it. */
export interface OfferSight {
  readonly id: string
  readonly room: string
  /** Place of the proposal in the room. */
  readonly first: number
  /** The device read every step since the proposal. */
  readonly whole: boolean
  /** The thread that came of its steps, as one text. */
  readonly shown: string
}

/** A place in a topic. */
export interface Spot {
  readonly topic: string
  readonly seq: number
}

/** A device at one moment. */
export interface Sight {
  readonly at: number
  /** `person/device`. */
  readonly device: string
  readonly deviceId: string
  readonly address: string
  readonly rooms: ReadonlyMap<string, RoomSight>
  /** By id. */
  readonly messages: ReadonlyMap<string, MessageSight>
  /** By room and id. */
  readonly offers: ReadonlyMap<string, OfferSight>
  /** Up to this place of a room there is something that the device could not see. */
  readonly missed: ReadonlyMap<string, number>
  /** Messages that were there until their time was over. */
  readonly expired: ReadonlySet<string>
  /** What is new or other than at the last look. */
  readonly fresh: {
    readonly rooms: readonly RoomSight[]
    readonly trees: readonly TreeSight[]
    readonly messages: readonly MessageSight[]
    /** Messages that are there no more, as they were. */
    readonly gone: readonly MessageSight[]
  }
}

/** An entry as the relay's store has it. */
export interface LogEntry {
  readonly seq: number
  readonly epoch: number
  readonly kind: 'application' | 'commit'
}

/** What an invariant may ask besides what one device shows. */
export interface Facts {
  /** The relay's log of a topic; entry `seq` stands at index `seq - 1`. */
  log(topic: string): readonly LogEntry[]
  /** Device ids of the leaves of an epoch, as far as a device was seen in it. */
  members(room: string, epoch: number): ReadonlySet<string> | undefined
  /** The newest epoch of a room that a device was seen in. */
  newest(room: string): number | undefined
  /** True if the device has read with the keys of this epoch. */
  held(device: string, room: string, epoch: number): boolean
  /** True if the device's store came from a backup. */
  restored(device: string): boolean
  /** True if the device was told that it cannot see this place, or jumped over it by a rejoin. */
  missed(device: string, spot: Spot): boolean
  /** Everything on the way to a message's state was read by the device. */
  whole(device: string, from: Spot): boolean
  /** Shown sights of all honest devices, the newest of each. */
  sights(): readonly Sight[]
}

/** A promise about the whole conversation. `look` runs after every step, for each device that shows something new. */
export interface Invariant {
  readonly name: string
  /** What is wrong, in sentences without content; empty: it holds. */
  look?(sight: Sight, facts: Facts): readonly string[]
  /** The device's store is an earlier one from now on. */
  restored?(device: string): void
  /** Once all devices are up, links are healed and nothing moves any more. */
  end?(facts: Facts): readonly string[]
}

/** A place as it is written in findings. */
export const spotName = ({ topic, seq }: Spot): string => `${topic.slice(0, 8)}:${seq}`
