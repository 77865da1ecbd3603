import { isDchatError } from '../../errors.ts'
import { askAhead } from '../../util/streams.ts'
import { within } from '../../util/wait.ts'
import { branch, type Core } from '../core.ts'
import { keepArchive } from './keep-archive.ts'
import { readHistory } from './read-history.ts'

/** ms within which changes are put together. */
const COALESCE = 5_000
const FIRST_RETRY = 2_000
const LAST_RETRY = 10 * 60_000
/** ms between two looks at the clock, which may be put on while a timer runs. */
const LOOK = 5 * 60_000

/**
 * Reads what this device was not there for, and keeps the archive at the home relays true, until the client closes. Both are
 * loaded when there is something to do.
 */
export const keepHistory = async (shared: Core): Promise<void> => {
  const core = branch(shared)
  const { store, clock, signal } = core
  const changes = store
    .changes(['archive', 'arrivals', 'conversations', 'personal'], { signal })
    [Symbol.asyncIterator]()
  let changed = askAhead(changes)
  let retry = FIRST_RETRY
  /** When to write; undefined: nothing has changed. */
  let due: number | undefined = clock.now() + COALESCE
  try {
    while (!signal.aborted) {
      const isRead = await attempt(core, read)
      const isDue = due !== undefined && clock.now() >= due
      const isKept = !isDue || (await attempt(core, keepArchive))
      if (isDue && isKept) due = undefined
      const done = isRead && isKept
      retry = done ? FIRST_RETRY : Math.min(retry * 2, LAST_RETRY)
      const pause = done ? Math.min(LOOK, (due ?? Number.POSITIVE_INFINITY) - clock.now()) : retry
      if (!(await within(clock, Math.max(pause, 1), () => changed, { signal }))) continue
      // The store has gone: nobody will tell of anything any more.
      if ((await changed).done) return
      changed = askAhead(changes)
      due ??= clock.now() + COALESCE
    }
  } finally {
    await changes.return?.()
  }
}

/** False where it is to be tried again: a relay does not answer, or has no more room. */
const attempt = async (core: Core, work: (core: Core) => Promise<void>): Promise<boolean> => {
  try {
    await work(core)
    return true
  } catch (error) {
    core.signal.throwIfAborted()
    if (!isDchatError(error)) throw error
    core.log.info('archive waits', { code: error.code })
    return false
  }
}

const read = async (core: Core): Promise<void> => {
  if (await core.store.read((tx) => tx.get('archive', 'history'))) await readHistory(core)
}
