import { DchatError } from '../../errors.ts'
import { ROLES, type Role } from '../../records/group.ts'
import type { MessageId } from '../../records/ids.ts'
import { toHex } from '../../util/bytes.ts'
import { hubOf, hubsOf } from '../topic/hub.ts'
import { decodeCbor } from '../wire/cbor.ts'
import { COMMIT_DATA_VERSION } from './commit-data.ts'
import { commitKeyOf } from './commit-key.ts'
import { CHANGE_KINDS, CHANGES_LIMIT, type ControlChange, fieldsOf, type RemovalOrder } from './control-change.ts'
import { addressOf, channelIn, isMessageId, isName, isTimer, manifestIn, pictureOf } from './snapshot.ts'

/** What the commits of others say is read where they are judged; no first message waits for it. */

export interface CommitData {
  readonly logs: readonly (readonly Uint8Array[])[]
  readonly changes: readonly ControlChange[]
}

const LOGS_LIMIT = 128
const malformed = (format: string) => (reason: string) => new DchatError('protocol/malformed', { format, reason })
const malformedData = malformed('commit data')
const malformedChange = malformed('control change')

/** Throws `protocol/malformed`, `protocol/too-large` and the errors of addresses only. */
export const decodeCommitData = (bytes: Uint8Array): CommitData => {
  const value = decodeCbor(bytes, 'commit data', { items: 16_384 })
  if (!Array.isArray(value) || value[0] !== COMMIT_DATA_VERSION || value.length !== 3)
    throw malformedData('version or shape')
  const [, logs, changes] = value as unknown[]
  const wellFormed =
    Array.isArray(logs) &&
    logs.length <= LOGS_LIMIT &&
    logs.every((log) => Array.isArray(log) && log.length > 0 && log.every((entry) => entry instanceof Uint8Array))
  if (!wellFormed) throw malformedData('logs')
  if (!Array.isArray(changes) || changes.length > CHANGES_LIMIT) throw malformedData('changes')
  return { logs: logs as Uint8Array[][], changes: changes.map(controlOf) }
}

const must = <T>(holds: boolean, value: T, reason: string): T => {
  if (!holds) throw malformedChange(reason)
  return value
}

const bytesOf = (value: unknown, length: number): Uint8Array =>
  must(value instanceof Uint8Array && value.length === length, value as Uint8Array, 'bytes')

const messageOf = (value: unknown): MessageId =>
  toHex(must(isMessageId(value), value as Uint8Array, 'message id')) as MessageId

const countOf = (value: unknown): number =>
  must(Number.isSafeInteger(value) && (value as number) >= 0, value as number, 'number')

/** Throws `protocol/malformed` and the errors of addresses only. */
export const controlOf = (value: unknown): ControlChange => {
  if (!Array.isArray(value)) throw malformedChange('shape')
  const [number, a, b, c, d] = value as unknown[]
  const kind = CHANGE_KINDS[number as number]
  if (kind === undefined) throw malformedChange('kind')
  const change = changeOf(kind, a, b, c, d)
  if (value.length !== fieldsOf(change).length + 1) throw malformedChange('shape')
  return change
}

const orderOf = (value: unknown): RemovalOrder => {
  if (!Array.isArray(value) || value.length !== 3) throw malformedChange('order')
  const [address, deviceKey, signature] = value as unknown[]
  return { address: addressOf(address), deviceKey: bytesOf(deviceKey, 32), signature: bytesOf(signature, 64) }
}

const changeOf = (
  kind: (typeof CHANGE_KINDS)[number],
  a: unknown,
  b: unknown,
  c: unknown,
  d: unknown,
): ControlChange => {
  switch (kind) {
    case 'add':
      return { kind, address: addressOf(a) }
    case 'remove':
      return { kind, address: addressOf(a), ...(b === undefined ? {} : { order: orderOf(b) }) }
    case 'left':
      return { kind, address: addressOf(a), deviceKey: bytesOf(b, 32), signature: bytesOf(c, 64) }
    case 'name':
      return { kind, name: must(isName(a), a as string, 'name') }
    case 'picture':
      return a === null ? { kind } : { kind, picture: pictureOf(a) }
    case 'timer':
      return { kind, seconds: must(isTimer(a), a as number, 'timer') }
    case 'role':
      return {
        kind,
        address: addressOf(a),
        role: must(ROLES[b as number] !== undefined, ROLES[b as number] as Role, 'role'),
      }
    case 'pin':
    case 'unpin':
      return { kind, message: messageOf(a) }
    case 'successor':
      return {
        kind,
        topic: bytesOf(a, 32),
        seq: countOf(b),
        ...(c === null ? {} : { offender: addressOf(c) }),
        ...(d === undefined ? {} : { commitKey: commitKeyOf(d) }),
      }
    case 'bot':
      return { kind, address: addressOf(a), manifest: manifestIn(b), ...channelIn(c) }
    case 'unbot':
      return { kind, address: addressOf(a) }
    case 'hubs':
      return { kind, hubs: hubsOf(a) }
    case 'move':
      return { kind, hub: hubOf(a) }
    case 'handover':
      return { kind, topic: bytesOf(a, 32), seq: countOf(b), head: bytesOf(c, 32), hub: hubOf(d) }
    case 'commit-key':
      return a === null ? { kind } : { kind, commitKey: commitKeyOf(a) }
  }
}
