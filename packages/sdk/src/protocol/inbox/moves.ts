import { DchatError } from '../../errors.ts'
import { HUBS_LIMIT, type Hub, hubOf, hubValue } from '../topic/hub.ts'
import type { CborValue } from '../wire/cbor.ts'

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

const malformed = (reason: string) => new DchatError('protocol/malformed', { format: 'moves', reason })

const isId = (value: unknown): value is Uint8Array => value instanceof Uint8Array && value.length === 32
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/** Throws `protocol/malformed`. */
export const movesOf = (value: unknown): readonly Move[] => {
  if (!Array.isArray(value) || value.length === 0 || value.length > MOVES_LIMIT) throw malformed('number')
  return value.map(moveOf)
}

const moveOf = (value: unknown): Move => {
  if (!Array.isArray(value) || value.length !== 6) throw malformed('shape')
  const [from, term, epoch, to, hub, order] = value as unknown[]
  if (!isId(from) || !isId(to) || !isCount(term) || !isCount(epoch)) throw malformed('shape')
  if (!Array.isArray(order) || order.length > HUBS_LIMIT || !order.every(isId)) throw malformed('order')
  return { from, term, epoch, to, hub: hubOf(hub), order }
}
