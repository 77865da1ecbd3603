import type { MemoryBacking } from '../../adapters/storage/memory.ts'
import type { Client } from '../../client/client.ts'
import type { Store } from '../../domain/store/store.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Crypto } from '../../ports/crypto.ts'
import type { RelayLink } from '../../ports/transport.ts'
import type { NewIdentity } from '../../protocol/identity/identity.ts'
import type { RelayUrl } from '../../records/ids.ts'
import type { SimRelayFactory } from './relay-host.ts'

/** Choices from a seed: the same seed, label and calls give the same answers. */
export interface SimRandom {
  /** A whole number from 0 to `below` - 1. */
  int(below: number): number
  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number
  /** True with a probability of 0 to 1. */
  chance(probability: number): boolean
  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T
  /** The list in another order. */
  shuffle<T>(list: readonly T[]): T[]
  bytes(length: number): Uint8Array
  /** An independent source: what is drawn from it changes nothing here. */
  fork(label: string): SimRandom
}

/** Milliseconds of simulated time, both ends included. */
export type Span = readonly [min: number, max: number]

/**
 * What may happen to the frames between a device and a relay. A link is a TCP connection, so within one direction of
 * one connection order always holds; faults are those that such a link can have.
 */
export interface Faults {
  /**
   * How long a frame travels, drawn for each frame. Frames of different connections and directions overtake each other;
   * behind a slow frame of the same direction the others wait.
   */
  readonly delay: Span
  /** Chance per frame that it takes up to twenty times the longest delay: everything else overtakes its connection. */
  readonly reordering: number
  /**
   * Chance per frame that it is lost. On an ordered link that breaks the connection: nothing after it arrives in that
   * direction, and each side hears of it at its own time, up to two seconds later. What it sends until then is lost.
   */
  readonly loss: number
  /**
   * Chance per request of a client that it reaches the relay, but the connection breaks for the client before the
   * answer: the client's own retries send it again, on another connection, perhaps before the first copy is there.
   */
  readonly duplication: number
}

export interface SimNetwork {
  /** Changes faults from now on: for everybody, for one device (`alice/1`), for one relay, or for a pair. */
  faults(change: Partial<Faults>, where?: Where): void
  /**
   * No frame and no dial passes any more. What is under way waits, as with retransmission, and goes on at `heal` unless
   * a side gave the connection up meanwhile: a frame of a connection that the client has left can still arrive then.
   */
  partition(where?: Where): void
  /** Ends the partitions that lie within `where`; without it, all of them. */
  heal(where?: Where): void
  /** Breaks the open connections as a middlebox does: both sides hear of it, each at its own time. */
  breakLinks(where?: Where): void
  /** Frames, dials and closings under way. */
  readonly inFlight: number
}

/** Absent: any. */
export interface Where {
  readonly device?: string
  readonly relay?: string
}

/** A frame as it is put on the wire, for those who look for what must not be there. */
export interface SimFrame {
  readonly at: number
  /** Names of device and relay. */
  readonly from: string
  readonly to: string
  /** Frame type, or `?` if it is none. */
  readonly type: string
  readonly bytes: Uint8Array
}

/**
 * Everything that happened but heartbeats, one line each: time, kind, who, then sizes, codes and names. Never content or
 * keys.
 */
export interface SimTrace {
  readonly length: number
  lines(): readonly string[]
  /** SHA-256 of all lines, in hex. */
  hash(): string
  /** A line of the schedule's own; `what` must be the same for the same seed. */
  note(kind: string, who: string, what?: string): void
}

export interface CrashOptions {
  /**
   * False: the system lives on, so peers see their connections close. True: power loss; peers must find out by
   * themselves. Default: by the seed, mostly false.
   */
  readonly silent?: boolean
}

/** One relay. Its content outlives crashes. */
export interface SimRelay {
  readonly name: string
  readonly url: RelayUrl
  readonly isUp: boolean
  /** What its store holds, as its factory keeps it. */
  readonly disk: unknown
  /** `kill -9`: of a write in flight everything or nothing is there, by the seed; of frames in flight a part arrives. */
  crash(options?: CrashOptions): void
  restart(): Promise<void>
  /** In good order, as after SIGTERM. */
  stop(): Promise<void>
}

export interface SimDevice {
  /** `person/device`. */
  readonly name: string
  readonly isUp: boolean
  /** The real client of the present incarnation. Throws while the device is down. */
  readonly client: Client
  /** Its rows as they lie on disk, sealed. */
  readonly backing: MemoryBacking
  readonly storeKey: Uint8Array
  /** Opens the sealed rows without time passing, whether the device is up or not. For looking only. */
  readonly records: Store
  /** Its crypto port, seeded. */
  readonly crypto: Crypto
  readonly clock: Clock
  /** From now on the device's clock is wrong by so many ms, over restarts too. */
  setClock(error: number): void
  /** A raw link over this device's network, beside the client's own: what a hostile member works with. */
  link(relay: SimRelay): RelayLink
  /**
   * `kill -9`. No call of the dead incarnation settles any more and nothing that it does reaches anybody. Its store holds
   * exactly the transactions that were durable; one in flight is in or out by the seed.
   */
  crash(options?: CrashOptions): void
  /** The same store again, in a new client. Connects unless told otherwise, and does not wait for it. */
  restart(options?: { connect?: boolean }): Promise<Client>
  /** Closes the client in good order. */
  stop(): Promise<void>
  /** A backup file of the store as it is now, by the running client. */
  backup(): Promise<Uint8Array>
  /**
   * The disk is lost, and a backup read into a new one: broken off after `breaks` bytes first, if given, and taken up
   * again. The device is down then.
   */
  restore(backup: Uint8Array, options?: { readonly breaks?: number }): Promise<void>
}

export interface SimPerson {
  readonly name: string
  readonly identity: NewIdentity
  /** The first one first. */
  readonly devices: readonly SimDevice[]
  /** The first device. */
  readonly device: SimDevice
  /** The first device's client. */
  readonly client: Client
}

export interface DeviceOptions {
  /** Connects before anybody goes on, so that others find it. Default true. */
  readonly connect?: boolean
  /** ms by which this device's clock is wrong. */
  readonly clockError?: number
  /** Home relays of a new person; where a restored device looks. Default: the first one, and those of its person. */
  readonly relays?: readonly SimRelay[]
}

export interface PersonOptions extends DeviceOptions {
  /** Name of the first device; default `1`. */
  readonly device?: string
}

export interface SettleOptions {
  /** ms of simulated time at most; default 10 minutes. */
  readonly within?: number
  /** ms for which no frame but heartbeats may travel and nothing may be written; default 15,000. */
  readonly quiet?: number
}

export interface SimOptions {
  readonly seed: string | number
  /** What runs as a relay; `simulatedRelay()` of `@dchat/relay/testing` is the real one. */
  readonly relay: SimRelayFactory
  /** Default: delay 5 to 40 ms and no fault. */
  readonly faults?: Partial<Faults>
  /** How long a durable write takes, on devices and relays; default 0 to 3 ms. */
  readonly disk?: Span
  /** ms of silence after which devices ask whether a link still lives; default 30,000. Longer where days pass, on relays too. */
  readonly heartbeat?: number
  /** The time at which it begins, ms since 1970. */
  readonly start?: number
}

/**
 * A world of devices, relays and links in one process. Time moves only inside `run`, `finish`, `until` and `settle`,
 * from event to event; between two events everything that can go on without time goes on. Several of them may be
 * awaited at once. Nothing in it may wait for the real world, or the seed no longer decides alone.
 */
export interface Sim {
  readonly seed: string
  /** For schedules: independent of what the world itself draws. */
  readonly random: SimRandom
  readonly network: SimNetwork
  readonly trace: SimTrace
  now(): number
  /** The relay of a name, started at the first call. Default name `hub`. */
  relay(name?: string): Promise<SimRelay>
  /** A new identity with its first device. */
  person(name: string, options?: PersonOptions): Promise<SimPerson>
  /** Another device of a person, restored from the recovery phrase. */
  device(person: SimPerson, name: string, options?: DeviceOptions): Promise<SimDevice>
  /** Moves time by `ms`. */
  run(ms: number): Promise<void>
  /** Moves time until the promise settles, and hands on how. Rejects after `within` ms; default 10 minutes. */
  finish<T>(work: Promise<T>, within?: number): Promise<T>
  /** Moves time until the condition holds, looking every 100 ms. Rejects after `within` ms; default 10 minutes. */
  until(condition: () => boolean | Promise<boolean>, within?: number): Promise<void>
  /** Moves time until nothing happens any more; false if that did not come about. */
  settle(options?: SettleOptions): Promise<boolean>
  /** Sees every frame as it is sent; returns how to stop. */
  onFrame(listener: (frame: SimFrame) => void): () => void
  /** Told, with the device's name, when a key of a ratchet sealed two different messages that left a device. */
  onReuse(listener: (device: string) => void): () => void
  /** Ends everything at once. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
