import { writeFile } from 'node:fs/promises'
import { DchatError } from '@dchat/sdk/errors'

/** Writes a file that is not there yet, for its owner to read. Throws `storage/unavailable`. */
export const writeNew = async (path: string, content: string | Uint8Array): Promise<void> => {
  try {
    await writeFile(path, content, { flag: 'wx', mode: 0o600 })
  } catch (cause) {
    const isThere = (cause as NodeJS.ErrnoException).code === 'EEXIST'
    const reason = isThere ? 'there is a file of this name already' : 'it cannot be written'
    throw new DchatError('storage/unavailable', { store: path, reason }, { cause, hint: 'Name another file.' })
  }
}
