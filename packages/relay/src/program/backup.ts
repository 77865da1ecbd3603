import { backupDatabase } from '../store/copy.ts'
import type { Output } from './output.ts'

/** Copies the database into a file and says what is in the copy. */
export const backup = async (directory: string, file: string, { data, say }: Output): Promise<void> => {
  const report = backupDatabase(directory, file)
  data({ file, ...report })
  say('The backup is whole. It holds the relay’s signing key: keep it as safe as the relay itself.')
}
