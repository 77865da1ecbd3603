import { DchatError } from '../../errors.ts'
import { decodeCbor, encodeCbor } from '../wire/cbor.ts'
import { CHANGES_LIMIT, type ControlChange, controlOf, controlValue } from './control-change.ts'

/**
 * What rides in a commit's `authenticated_data` (identity.md and groups.md): the identity logs that its readers may miss
 * and the changes that it makes. Wire: CBOR array [version, logs, changes].
 */
export interface CommitData {
  readonly logs: readonly (readonly Uint8Array[])[]
  readonly changes: readonly ControlChange[]
}

const VERSION = 2
const LOGS_LIMIT = 128
const malformed = (reason: string) => new DchatError('protocol/malformed', { format: 'commit data', reason })

export const encodeCommitData = ({ logs, changes }: CommitData): Uint8Array =>
  encodeCbor([VERSION, logs, changes.map(controlValue)])

/** Throws `protocol/malformed`, `protocol/too-large` and the errors of addresses only. */
export const decodeCommitData = (bytes: Uint8Array): CommitData => {
  const value = decodeCbor(bytes, 'commit data', { items: 16_384 })
  if (!Array.isArray(value) || value[0] !== VERSION || value.length !== 3) throw malformed('version or shape')
  const [, logs, changes] = value as unknown[]
  const wellFormed =
    Array.isArray(logs) &&
    logs.length <= LOGS_LIMIT &&
    logs.every((log) => Array.isArray(log) && log.length > 0 && log.every((entry) => entry instanceof Uint8Array))
  if (!wellFormed) throw malformed('logs')
  if (!Array.isArray(changes) || changes.length > CHANGES_LIMIT) throw malformed('changes')
  return { logs: logs as Uint8Array[][], changes: changes.map(controlOf) }
}
