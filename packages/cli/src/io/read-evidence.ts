import { readFile } from 'node:fs/promises'
import { DchatError } from '@dchat/sdk/errors'

/** Bytes; no evidence is larger. */
const LIMIT = 64 * 1024 * 1024

export const readEvidence = async (path: string): Promise<Uint8Array> => {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new DchatError(
      'storage/unavailable',
      { store: path, reason: 'it cannot be read' },
      { cause, hint: 'Name a file that "dchat audit --out" wrote.' },
    )
  })
  if (bytes.length > LIMIT)
    throw new DchatError('protocol/too-large', { what: 'evidence', size: bytes.length, limit: LIMIT })
  return bytes
}
