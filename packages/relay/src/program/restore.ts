import { restoreDatabase } from '../store/copy.ts'
import type { Output } from './output.ts'

/** Puts a backup into the data directory and says what the relay will do with it. */
export const restore = async (
  directory: string,
  from: string,
  replace: boolean,
  { data, say }: Output,
): Promise<void> => {
  data({ data: directory, ...restoreDatabase(from, directory, replace) })
  say('Restored. Start the relay: its clients give back what the backup lacks.')
}
