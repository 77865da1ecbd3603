import { HUBS_LIMIT, type Hub, hubOf, hubValue } from '../topic/hub.ts'
import type { CborValue } from '../wire/cbor.ts'
import { array, bytes, int, type Schema, tuple } from '../wire/schema.ts'

/** A topic from which a conversation went on at another hub, as a member knows it (hubs.md). */
export interface Move {
  readonly from: Uint8Array
  /** Of the topic that was left. */
  readonly term: number
  /** The epoch of it from which the conversation went on. */
  readonly epoch: number
  readonly to: Uint8Array
  readonly hub: Hub
  /** Keys of the hubs where it could go on, the one to be preferred first. */
  readonly order: readonly Uint8Array[]
}

/** Moves to other hubs that a room remembers; of an older one nobody is expected to come back. */
export const MOVES_LIMIT = 16

export const movesValue = (moves: readonly Move[]): CborValue =>
  moves.map(({ from, term, epoch, to, hub, order }) => [from, term, epoch, to, hubValue(hub), [...order]])

const id = bytes(32)
const fields = tuple(id, int(), int(), id, hubOf, array(id, 0, HUBS_LIMIT))

const moveOf: Schema<Move> = (value, at) => {
  const [from, term, epoch, to, hub, order] = fields(value, at)
  return { from, term, epoch, to, hub, order }
}

const list = array(moveOf, 1, MOVES_LIMIT)

/** Throws `protocol/malformed`. */
export const movesOf = (value: unknown): readonly Move[] => list(value, 'moves')
