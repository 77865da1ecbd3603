import type { Group } from '../../protocol/mls/engine.ts'
import { equalBytes } from '../../util/bytes.ts'
import type { RoomRecord } from '../records.ts'
import { SEEDS } from './apply-commit.ts'
import { epochOf } from './session.ts'

type Cursor = Pick<RoomRecord, 'epochs' | 'commits'> &
  Partial<Pick<RoomRecord, 'seq' | 'head' | 'time' | 'heads' | 'pastEpoch'>>

interface Arrival {
  readonly topic: Uint8Array
  readonly group: Group
  readonly seed: Uint8Array
  readonly seq: number
  readonly head: Uint8Array
  readonly time: number
}

/**
 * A device that had to stop and comes back in the same topic reads on from where it stopped: own entries that are on their
 * way find their place, and late entries of the epochs that it holds still count. The rest is a gap.
 */
export const readsOn = ({ topic, seq }: Arrival, earlier: RoomRecord | undefined): earlier is RoomRecord =>
  earlier?.state === 'rejoining' && equalBytes(earlier.topic, topic) && earlier.seq < seq

/** From where a room is read that was entered. */
export const cursorOf = (arrival: Arrival, earlier: RoomRecord | undefined): Cursor => {
  const { group, seed, seq, head, time } = arrival
  const entered = { epoch: group.epoch, seed }
  if (!readsOn(arrival, earlier)) return { seq, head, time, heads: [{ seq, head }], epochs: [entered], commits: [] }
  const { epochs, commits } = earlier
  return { epochs: [...epochs, entered].slice(-SEEDS), commits, pastEpoch: epochOf(earlier) }
}
