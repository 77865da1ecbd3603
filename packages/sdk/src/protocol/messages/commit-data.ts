import { encodeCbor } from '../wire/cbor.ts'
import { type ControlChange, controlValue } from './control-change.ts'

/**
 * What rides in a commit's `authenticated_data` (identity.md and groups.md): the identity logs that its readers may miss
 * and the changes that it makes. Wire: CBOR array [version, logs, changes].
 */
export interface CommitData {
  readonly logs: readonly (readonly Uint8Array[])[]
  readonly changes: readonly ControlChange[]
}

export const COMMIT_DATA_VERSION = 2

export const encodeCommitData = ({ logs, changes }: CommitData): Uint8Array =>
  encodeCbor([COMMIT_DATA_VERSION, logs, changes.map(controlValue)])
