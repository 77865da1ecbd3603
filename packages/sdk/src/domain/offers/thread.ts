import type { Address, ConversationId } from '../../records/ids.ts'
import type { OfferEvent, OfferEventId, OfferThreadId, Reason, SettlementData, Terms } from '../../records/offer.ts'

/** An event at its place in the conversation: what the relay's receipt says of it, and nothing of any clock here. */
export interface PlacedEvent {
  readonly event: OfferEvent
  /** Its position in the conversation's order. */
  readonly place: number
  /** Accepted time of its entry, ms since 1970. */
  readonly acceptedAt: number
}

/** One version of the terms on the table; the last one is live. */
export interface Revision {
  readonly id: OfferEventId
  readonly seq: number
  readonly author: Address
  readonly terms: Terms
  readonly termsHash: string
  readonly acceptedAt: number
  /** An action that was accepted later does not count. */
  readonly expiresAt: number
}

export type DealState =
  /** Waits for the commitment of a seller whose stock is shared by several conversations. */
  'pending' | 'rejected' | 'agreed' | 'completed' | 'cancelled' | 'disputed' | 'resolved'

/** What one acceptance (or the last of a joint offer's signatures) made, and how it is being settled. */
export interface Deal {
  /** The event that made it. */
  readonly id: OfferEventId
  readonly revision: OfferEventId
  /** The other side of the opener: who accepted, or whose counter was; with a joint offer all who signed but the opener. */
  readonly takers: readonly Address[]
  /** Accepted time of the event that made it. */
  readonly at: number
  readonly state: DealState
  /** The step that the next one answers. */
  readonly head: OfferEventId
  readonly seq: number
  readonly agreedAt?: number
  readonly payment: 'none' | 'requested' | 'submitted' | 'paid'
  /** What the seller asked for last. */
  readonly request?: SettlementData
  readonly fulfilledBy: readonly Address[]
  /** Who proposed to cancel. */
  readonly cancelBy?: Address
  readonly reason?: Reason
  readonly outcome?: 'release' | 'refund' | 'split'
}

export type ThreadState =
  | 'open'
  /** As many accepted as may. */
  | 'taken'
  | 'declined'
  | 'withdrawn'
  /** The seller could not commit. */
  | 'void'

/** A negotiation with everything that came of it; the same at everybody who read the same topic. */
export interface OfferThread {
  readonly id: OfferThreadId
  readonly conversation: ConversationId
  /** Whose role the terms name. */
  readonly opener: Address
  /** Oldest first, never empty. */
  readonly revisions: readonly [Revision, ...Revision[]]
  readonly state: ThreadState
  readonly reason?: Reason
  /** Who signed the live terms of a joint offer, its author first. Empty for others. */
  readonly signers: readonly { readonly by: Address; readonly id: OfferEventId }[]
  readonly declined: readonly Address[]
  /** Where the listed wish or offer of several people is concerned, several. */
  readonly deals: readonly Deal[]
  /** Every event of the thread that was read, by its outcome, so that a repetition changes nothing. */
  readonly applied: readonly OfferEventId[]
  readonly refused: readonly OfferEventId[]
}

export const liveRevision = ({ revisions }: OfferThread): Revision => revisions.at(-1) as Revision

export const dealAt = ({ deals }: OfferThread, head: OfferEventId | undefined): Deal | undefined =>
  deals.find((deal) => deal.head === head)

/** Offers to exactly one person can be countered in place. */
export const isBilateral = ({ parties, threshold }: Terms): boolean => parties.length === 1 && threshold === undefined

export const isJoint = ({ threshold }: Terms): boolean => threshold !== undefined

/** May this person answer the revision at all? */
export const mayAnswer = ({ author, terms }: Revision, person: Address): boolean =>
  person !== author && (terms.parties.length === 0 || terms.parties.includes(person))

export const partiesOf = ({ opener }: OfferThread, { takers }: Deal): readonly Address[] => [opener, ...takers]

/** Who hands over and is paid; nobody where things are swapped. */
export const sellersOf = (thread: OfferThread, { takers }: Deal): readonly Address[] => {
  const { role } = liveRevision(thread).terms
  if (role === 'swap') return []
  return role === 'buy' ? takers : [thread.opener]
}

export const buyersOf = (thread: OfferThread, { takers }: Deal): readonly Address[] => {
  const { role } = liveRevision(thread).terms
  if (role === 'swap') return []
  return role === 'buy' ? [thread.opener] : takers
}
