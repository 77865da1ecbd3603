import { DchatError } from '../../errors.ts'
import type { MessageId } from '../../records/ids.ts'
import { fromHex, toHex } from '../../util/bytes.ts'
import { isMessageId } from '../messages/snapshot.ts'
import type { CborValue } from '../wire/cbor.ts'
import { contentOf, contentValue, wordsOf } from './content.ts'
import { isCount, isText } from './fields.ts'
import type { PastAction, PastMessage } from './message.ts'
import { addressAt, deviceAt, type Names, roomAt, type Table } from './table.ts'

/** What is kept of a message besides its words: so much fits beside the longest text. */
export const EDITIONS_KEPT = 100
export const MARKS_KEPT = 1_000

const STATES = ['sent', 'delivered', 'read'] as const
const ACTIONS = ['edit', 'react', 'retract'] as const
const TERMS = 4_096
const SEQS = 2 ** 40
const TIMES = 2 ** 51
const EMOJI_LIMIT = 64

const malformed = (reason: string) => new DchatError('protocol/malformed', { format: 'history', reason })
const raw = (id: MessageId): Uint8Array => fromHex(id) as Uint8Array

/** CBOR array [id, room, from, device, term, seq, at, state, content] and, where something was done to it, a tenth. */
export const messageValue = (message: PastMessage, names: Names): CborValue => {
  const { id, room, from, device, term, seq, at, state, content } = message
  const life = lifeValue(message, names)
  const people = [names.person(from), names.device(device)]
  const base = [
    raw(id),
    names.room(room),
    ...people,
    term,
    seq,
    at,
    STATES.indexOf(state),
    contentValue(content, names),
  ]
  return life === undefined ? base : [...base, life]
}

/** CBOR array [edited at or null, editions, reactions, actions, expires at or null]. */
const lifeValue = (message: PastMessage, names: Names): CborValue | undefined => {
  const { editedAt, editions = [], reactions = [], actions = [], expiresAt } = message
  const isPlain = editedAt === undefined && expiresAt === undefined
  if (isPlain && editions.length + reactions.length + actions.length === 0) return undefined
  return [
    editedAt ?? null,
    editions.map(({ content, at }) => [contentValue(content, names), at]),
    reactions.map(({ id, from, emoji }) => [raw(id), names.person(from), emoji]),
    actions.map(({ id, from, type, emoji }) => [raw(id), names.person(from), ACTIONS.indexOf(type), emoji ?? null]),
    expiresAt ?? null,
  ]
}

/** Throws `protocol/malformed` only. */
export const messageOf = (value: unknown, table: Table): PastMessage => {
  if (!Array.isArray(value) || value.length < 9 || value.length > 10) throw malformed('message')
  const [id, room, from, device, term, seq, at, state, content, life] = value as unknown[]
  if (!isCount(term, TERMS) || !isCount(seq, SEQS)) throw malformed('place')
  const known = STATES[state as number]
  if (known === undefined) throw malformed('state')
  return {
    id: idOf(id),
    room: roomAt(table, room),
    from: addressAt(table, from),
    device: deviceAt(table, device),
    term,
    seq,
    at: timeOf(at),
    state: known,
    content: contentOf(content, table),
    ...(life === undefined ? {} : lifeOf(life, table)),
  }
}

const lifeOf = (value: unknown, table: Table): Partial<PastMessage> => {
  if (!Array.isArray(value) || value.length !== 5) throw malformed('what was done')
  const [editedAt, editions, reactions, actions, expiresAt] = value as unknown[]
  return {
    ...(editedAt === null ? {} : { editedAt: timeOf(editedAt) }),
    ...some('editions', itemsOf(editions, 2, EDITIONS_KEPT), ([content, at]) => ({
      content: wordsOf(content, table),
      at: timeOf(at),
    })),
    ...some('reactions', itemsOf(reactions, 3, MARKS_KEPT), ([id, from, emoji]) => ({
      id: idOf(id),
      from: addressAt(table, from),
      emoji: emojiOf(emoji),
    })),
    ...some('actions', itemsOf(actions, 4, MARKS_KEPT), (action) => actionOf(action, table)),
    ...(expiresAt === null ? {} : { expiresAt: timeOf(expiresAt) }),
  }
}

const actionOf = ([id, from, number, emoji]: readonly unknown[], table: Table): PastAction => {
  const type = ACTIONS[number as number]
  if (type === undefined) throw malformed('action')
  const mark = emoji === null ? {} : { emoji: emojiOf(emoji) }
  return { id: idOf(id), from: addressAt(table, from), type, ...mark }
}

const itemsOf = (value: unknown, length: number, limit: number): readonly (readonly unknown[])[] => {
  if (!Array.isArray(value) || value.length > limit) throw malformed('list')
  if (!value.every((item) => Array.isArray(item) && item.length === length)) throw malformed('list')
  return value as unknown[][]
}

const some = <K extends string, T>(
  key: K,
  items: readonly (readonly unknown[])[],
  of: (item: readonly unknown[]) => T,
) => (items.length === 0 ? {} : { [key]: items.map(of) }) as unknown as { readonly [P in K]?: readonly T[] }

const idOf = (value: unknown): MessageId => {
  if (!isMessageId(value)) throw malformed('id')
  return toHex(value) as MessageId
}

const timeOf = (value: unknown): number => {
  if (!isCount(value, TIMES)) throw malformed('time')
  return value
}

const emojiOf = (value: unknown): string => {
  if (!isText(value, EMOJI_LIMIT)) throw malformed('emoji')
  return value
}
