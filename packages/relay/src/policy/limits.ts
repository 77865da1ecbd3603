import { SUCCESSOR_LIMIT } from '@dchat/sdk/wire'

/** A token bucket: `burst` at once, refilled by `perSecond`. */
export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

/** Every limit of a relay. A client that exceeds a rate is told when to come back; a quota is told with its number. */
export interface Limits {
  /** Requests and subscriptions of one connection; an entry of a publish counts as one request. */
  readonly connection: Rate
  /** The same, over all connections of one network address. */
  readonly address: Rate
  /** New connections of one network address. */
  readonly connects: Rate
  /** Entries of one topic, over all connections. */
  readonly topic: Rate
  /** Topics opened from one network address. */
  readonly creates: Rate
  /** Key packages claimed by one connection. */
  readonly claims: Rate
  /** One-time key packages of one identity, for one network address; beyond it the ones of last resort are handed out. */
  readonly claimsFrom: Rate
  /** Inbox items put by one connection. */
  readonly inboxPuts: Rate
  /**
   * Items put into one inbox from one network address; every 16 KiB of one count as one more. The fuller the inbox, the
   * less of the burst may be used up: who has put little still finds room when a flood does not.
   */
  readonly inboxFrom: Rate
  /** Identity log entries whose signatures have to be verified, for one network address. */
  readonly logEntries: Rate
  /** Signals of one connection. */
  readonly signals: Rate
  /** Messages left and asked for at rendezvous from one network address; every 8 KiB of a message count as one more. */
  readonly rendezvous: Rate

  readonly connections: number
  readonly connectionsPerAddress: number
  /** Of one connection. */
  readonly subscriptions: number
  readonly proofs: number
  /** The same, over all connections of one network address, and of all together; the first few of an address always pass. */
  readonly subscriptionsPerAddress: number
  readonly allSubscriptions: number
  readonly proofsPerAddress: number
  readonly allProofs: number
  /** Requests in work of one connection; beyond it the relay stops reading from its socket. */
  readonly inFlight: number
  /** Requests in work of all connections together; what goes beyond waits unread. */
  readonly allInFlight: number
  /** Bytes of those of one connection. */
  readonly inFlightBytes: number
  /** Requests in work whose answers may fill a frame. */
  readonly largeInFlight: number
  /** Bytes that wait for a slow reader, of one connection; beyond it nothing more is read from or sent to it. */
  readonly bufferedBytes: number
  /** Refusals in a row after which a connection is closed. */
  readonly refusals: number

  /** Stored bytes of one topic's bodies. */
  readonly topicBytes: number
  /** Items of one topic's successor list. */
  readonly successors: number
  readonly inboxItems: number
  readonly inboxBytes: number
  /** One-time packages of one device and suite. */
  readonly packages: number
  /** All branches of one identity together; also what fits into one answer. */
  readonly identityBytes: number
  /** Slots of one identity's archive, and their bytes. */
  readonly archiveSlots: number
  readonly archiveBytes: number
  /** Rendezvous slots, and bytes in all of them. */
  readonly rendezvousSlots: number
  readonly rendezvousBytes: number
}

const MIB = 1024 * 1024

/** Generous to one person's devices, narrow to a flood. */
export const DEFAULT_LIMITS: Limits = {
  connection: { perSecond: 1_000, burst: 5_000 },
  address: { perSecond: 10_000, burst: 50_000 },
  connects: { perSecond: 50, burst: 1_000 },
  topic: { perSecond: 1_000, burst: 10_000 },
  creates: { perSecond: 20, burst: 2_000 },
  claims: { perSecond: 2, burst: 200 },
  claimsFrom: { perSecond: 0.01, burst: 8 },
  inboxPuts: { perSecond: 50, burst: 1_000 },
  inboxFrom: { perSecond: 0.2, burst: 2_000 },
  logEntries: { perSecond: 20, burst: 512 },
  signals: { perSecond: 50, burst: 200 },
  rendezvous: { perSecond: 2, burst: 200 },

  connections: 20_000,
  connectionsPerAddress: 2_000,
  subscriptions: 5_000,
  proofs: 20_000,
  subscriptionsPerAddress: 100_000,
  allSubscriptions: 500_000,
  proofsPerAddress: 200_000,
  allProofs: 1_000_000,
  inFlight: 128,
  allInFlight: 4_096,
  inFlightBytes: 8 * MIB,
  largeInFlight: 4,
  bufferedBytes: 4 * MIB,
  refusals: 1_000,

  topicBytes: 2_048 * MIB,
  successors: SUCCESSOR_LIMIT,
  inboxItems: 10_000,
  inboxBytes: 64 * MIB,
  packages: 100,
  identityBytes: 900 * 1024,
  archiveSlots: 16_384,
  archiveBytes: 256 * MIB,
  rendezvousSlots: 10_000,
  rendezvousBytes: 64 * MIB,
}
