import { type CborValue, encodeCbor } from '../wire/cbor.ts'

export const COMMIT_DATA_VERSION = 2

/**
 * What rides in a commit's `authenticated_data` (identity.md and groups.md): the identity logs that its readers may miss
 * and the changes that it makes (`controlValue`). Wire: CBOR array [version, logs, changes].
 */
export const encodeCommitData = (
  logs: readonly (readonly Uint8Array[])[],
  changes: readonly CborValue[] = [],
): Uint8Array => encodeCbor([COMMIT_DATA_VERSION, logs, changes])
