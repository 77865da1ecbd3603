import { DchatError } from '../../errors.ts'
import { BOT_READS, type BotRead } from '../../records/bot.ts'
import { KEEPERS, type Keepers, type Notice, ROLES, type Role } from '../../records/group.ts'
import type { MessageId } from '../../records/ids.ts'
import { fromHex, toHex } from '../../util/bytes.ts'
import { isMessageId, isName, isTimer } from '../messages/snapshot.ts'
import { HUBS_LIMIT, relayIn } from '../topic/hub.ts'
import type { CborValue } from '../wire/cbor.ts'
import { addressAt, type Names, type Table } from './table.ts'

const KINDS = [
  'created',
  'added',
  'removed',
  'left',
  'renamed',
  'picture',
  'role',
  'timer',
  'pinned',
  'unpinned',
  'repaired',
  'bot-installed',
  'bot-scope-changed',
  'bot-removed',
  'hubs',
  'moved',
  'approval-lifted',
] as const satisfies readonly Notice['kind'][]

const PEOPLE_LIMIT = 1_000

const malformed = (reason: string) => new DchatError('protocol/malformed', { format: 'history', reason })

/** CBOR array [number of the kind, by, …fields]. */
export const noticeValue = (notice: Notice, names: Names): CborValue => [
  KINDS.indexOf(notice.kind),
  names.person(notice.by),
  ...fieldsOf(notice, names),
]

const fieldsOf = (notice: Notice, names: Names): readonly CborValue[] => {
  switch (notice.kind) {
    case 'added':
    case 'removed':
      return [notice.people.map((person) => names.person(person))]
    case 'renamed':
      return [notice.name]
    case 'role':
      return [names.person(notice.address), ROLES.indexOf(notice.role)]
    case 'timer':
      return [notice.seconds]
    case 'pinned':
    case 'unpinned':
      return [fromHex(notice.message) as Uint8Array]
    case 'repaired':
      return [
        notice.removed === undefined ? null : names.person(notice.removed),
        ...(notice.approval === undefined ? [] : [KEEPERS.indexOf(notice.approval)]),
      ]
    case 'bot-installed':
    case 'bot-scope-changed':
      return [
        names.person(notice.address),
        notice.read === 'all' ? null : notice.read.map((read) => BOT_READS.indexOf(read)),
      ]
    case 'bot-removed':
      return [names.person(notice.address)]
    case 'hubs':
      return [[...notice.hubs]]
    case 'moved':
      return [notice.hub]
    case 'created':
    case 'left':
    case 'picture':
    case 'approval-lifted':
      return []
  }
}

/** Throws `protocol/malformed` only. */
export const noticeOf = (value: unknown, table: Table): Notice => {
  if (!Array.isArray(value)) throw malformed('notice')
  const [number, author, a, b] = value as unknown[]
  const kind = KINDS[number as number]
  const by = addressAt(table, author)
  switch (kind) {
    case 'added':
    case 'removed':
      if (!Array.isArray(a) || a.length > PEOPLE_LIMIT) throw malformed('people of a notice')
      return { kind, by, people: a.map((person) => addressAt(table, person)) }
    case 'renamed':
      if (!isName(a)) throw malformed('name')
      return { kind, by, name: a }
    case 'role': {
      const role = ROLES[b as number] as Role | undefined
      if (role === undefined) throw malformed('role')
      return { kind, by, address: addressAt(table, a), role }
    }
    case 'timer':
      if (!isTimer(a)) throw malformed('timer')
      return { kind, by, seconds: a }
    case 'pinned':
    case 'unpinned':
      if (!isMessageId(a)) throw malformed('pin')
      return { kind, by, message: toHex(a) as MessageId }
    case 'repaired':
      return { kind, by, ...(a === null ? {} : { removed: addressAt(table, a) }), ...approvalIn(b) }
    case 'bot-installed':
    case 'bot-scope-changed':
      return { kind, by, address: addressAt(table, a), read: b === null ? 'all' : readsOf(b) }
    case 'bot-removed':
      return { kind, by, address: addressAt(table, a) }
    case 'hubs':
      if (!Array.isArray(a) || a.length === 0 || a.length > HUBS_LIMIT) throw malformed('relays of a notice')
      return { kind, by, hubs: a.map(relayIn) }
    case 'moved':
      return { kind, by, hub: relayIn(a) }
    case 'created':
    case 'left':
    case 'picture':
    case 'approval-lifted':
      return { kind, by }
    default:
      throw malformed('kind of notice')
  }
}

const approvalIn = (value: unknown): { readonly approval?: Keepers } => {
  if (value === undefined) return {}
  const approval = KEEPERS[value as number]
  if (approval === undefined) throw malformed('approval')
  return { approval }
}

const readsOf = (value: unknown): readonly BotRead[] => {
  if (!Array.isArray(value) || value.length > BOT_READS.length) throw malformed('scopes of a bot')
  return value.map((number) => {
    const read = BOT_READS[number as number]
    if (read === undefined) throw malformed('scopes of a bot')
    return read
  })
}
