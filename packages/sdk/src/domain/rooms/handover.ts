import { type Hub, isSameHub } from '../../protocol/topic/hub.ts'

/** ms for which a hub cannot be reached before it counts as gone, if another relay of the list can be (hubs.md). */
export const GONE_AFTER = 10_000
/** ms between two members' turns to open the next topic: the hub takes one first commit, so this only saves work. */
const OPENING_TURN = 2_000
const LAST_OPENING_TURN = 10_000
/** ms more for a device that was not there when the hub went: the others may know of commits that it has not read. */
const LATECOMER = 60_000

/** Where to look for the conversation, and to take it, in this order: the relay that was chosen, then the list, the old hub last. */
export const placesToGo = (hubs: readonly Hub[], old: Hub, chosen?: Hub): readonly Hub[] => {
  const others = hubs.filter((hub) => !isSameHub(hub, old) && !(chosen && isSameHub(hub, chosen)))
  return chosen === undefined ? others : [chosen, ...others, ...(isSameHub(chosen, old) ? [] : [old])]
}

/** When a device opens the next topic, in ms after the hub was last reached. `turn`: from 0 among the members. */
export const opensAfter = (turn: number, wasThere: boolean): number =>
  GONE_AFTER + Math.min(turn * OPENING_TURN, LAST_OPENING_TURN) + (wasThere ? 0 : LATECOMER)

export interface Rival {
  /** The old topic's epoch from which it goes on. */
  readonly epoch: number
  /** Place of its hub in the list. */
  readonly rank: number
}

/**
 * Of two handovers of one topic the one that keeps more of its commits stands, so that no removal is undone by those who
 * had not heard of it; then the one at the hub of lower rank. At one hub and from one epoch there is only one topic.
 */
export const beats = (a: Rival, b: Rival): boolean => (a.epoch === b.epoch ? a.rank < b.rank : a.epoch > b.epoch)
