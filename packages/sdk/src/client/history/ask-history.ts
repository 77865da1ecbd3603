import type { Core } from '../core.ts'
import { beginReading } from './progress.ts'
import { isAlone } from './read-archive.ts'

/** Reads the past again from the beginning; what is there already is passed over. */
export const askHistory = async (core: Core): Promise<void> => {
  await core.store.write((tx) => beginReading(tx, core.clock.now(), isAlone(core)))
}
