import { DchatError } from '../../errors.ts'
import { decodeCbor, encodeCbor } from '../wire/cbor.ts'

/**
 * What rides in a commit's `authenticated_data` (identity.md and groups.md): the identity logs that its readers may miss.
 * Wire: CBOR array [version, logs].
 */
export interface CommitData {
  readonly logs: readonly (readonly Uint8Array[])[]
}

const VERSION = 1
const malformed = (reason: string) => new DchatError('protocol/malformed', { format: 'commit data', reason })

export const encodeCommitData = ({ logs }: CommitData): Uint8Array => encodeCbor([VERSION, logs])

export const decodeCommitData = (bytes: Uint8Array): CommitData => {
  const value = decodeCbor(bytes, 'commit data', { items: 16_384 })
  if (!Array.isArray(value) || value[0] !== VERSION || !Array.isArray(value[1])) throw malformed('version or shape')
  const logs = value[1] as unknown[]
  const wellFormed = logs.every(
    (log) => Array.isArray(log) && log.length > 0 && log.every((entry) => entry instanceof Uint8Array),
  )
  if (logs.length > 64 || !wellFormed) throw malformed('logs')
  return { logs: logs as Uint8Array[][] }
}
