import { DchatError } from '../../errors.ts'

export const damaged = (reason: string, cause?: unknown): DchatError =>
  new DchatError('backup/damaged', { reason }, { cause })
