import type { Address, TopicId } from '../../records/ids.ts'

export interface RivalRoom {
  readonly opener: Address
  readonly topic: TopicId
  /** An entry of each of the two people was seen in it. */
  readonly bothSpoke: boolean
}

export interface MergeDecision {
  /** The room that new messages go to. */
  readonly active: 'known' | 'arrived'
  /** The other one ends; false: both live and are shown as one. */
  readonly closeOther: boolean
}

/** groups.md: of two direct messages opened at once, the lower address's wins, then the lower topic id. */
export const mergeDirectMessages = (known: RivalRoom, arrived: RivalRoom): MergeDecision => {
  const knownWins = known.opener === arrived.opener ? known.topic < arrived.topic : known.opener < arrived.opener
  const loser = knownWins ? arrived : known
  return { active: knownWins ? 'known' : 'arrived', closeOther: !loser.bothSpoke }
}
