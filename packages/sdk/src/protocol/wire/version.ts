import { DchatError } from '../../errors.ts'
import { WIRE_VERSIONS } from './frames.ts'

/** The newest version that both ends know. Throws `protocol/unsupported-version`. */
export const negotiateVersion = (offered: readonly number[], supported: readonly number[] = WIRE_VERSIONS): number => {
  const common = offered.filter((version) => supported.includes(version))
  if (common.length === 0)
    throw new DchatError('protocol/unsupported-version', { found: [...offered], supported: [...supported] })
  return Math.max(...common)
}
