import { isDchatError } from '../errors.ts'
import { getConversation } from './conversation-store.ts'
import { branch, type Core } from './core.ts'
import type { JobHandler } from './jobs.ts'
import { isBlocked } from './people/consent.ts'
import { isSilent } from './people/silence.ts'
import { postItem } from './post.ts'
import type { JobRecord, RoomRecord } from './records.ts'
import { openDm } from './rooms/open-dm.ts'
import type { Rooms } from './rooms/rooms.ts'

/** ms after which work in a room whose topic has ended is tried again in its successor. */
const AFTER_REPAIR = 5_000
/** ms after which it is looked again whether a person is still blocked. */
const AFTER_BLOCK = 3_600_000

/** Work that leads out of a topic that is over. */
const MOVES: readonly JobRecord['kind'][] = ['repair', 'handover', 'announce']

/** What the store being an old copy does not keep from being done. */
const ANYWAY: readonly JobRecord['kind'][] = ['replace-leaf', 'repair', 'handover', 'archive']

/** Soon over: the leaf is replaced first. */
const isStale = (record: RoomRecord | undefined): boolean => record?.state === 'open' && record.stale === true

/** What each durable job does, with the rare ones in rare-tasks.ts. */
export const jobHandler = (core: Core, rooms: Rooms): JobHandler => {
  const run = taskOf(core, rooms)
  return async (job) => {
    const isPaused = () => {
      const record = 'room' in job ? rooms.get(job.room)?.record : undefined
      return (
        (record?.state === 'voided' && !MOVES.includes(job.kind)) || (isStale(record) && !ANYWAY.includes(job.kind))
      )
    }
    if (isPaused()) return { again: AFTER_REPAIR }
    if (await isHushed(core, rooms, job)) return { again: AFTER_BLOCK }
    try {
      const outcome = await run(job)
      return isPaused() ? { again: AFTER_REPAIR } : outcome
    } catch (error) {
      core.signal.throwIfAborted()
      if (isPaused()) return { again: AFTER_REPAIR }
      throw error
    }
  }
}

/** Work that would show a blocked person that somebody is there. */
const NOTICED: readonly JobRecord['kind'][] = ['admit', 'ask', 'update', 'replace-leaf', 'remove-revoked']

const isHushed = async (core: Core, rooms: Rooms, job: JobRecord): Promise<boolean> => {
  const session = 'room' in job && NOTICED.includes(job.kind) ? rooms.get(job.room) : undefined
  return session !== undefined && core.store.read((tx) => isSilent(tx, core, session.snapshot))
}

const taskOf =
  (shared: Core, rooms: Rooms): JobHandler =>
  async (job) => {
    // A signal of its own for each piece of work: very many run at once where many conversations wait.
    const core = branch(shared)
    switch (job.kind) {
      case 'open-dm':
        return openOrFail(core, rooms, job)
      case 'post':
        return postItem(core, job)
      default:
        return (await import('./later.ts')).rareTask(core, rooms, job)
    }
  }

/**
 * Messages to somebody who cannot be reached for good say so, and can be tried again by hand. Where it was said meanwhile
 * where the person may be found, they wait for what comes of that.
 */
const openOrFail = async (core: Core, rooms: Rooms, job: JobRecord & { readonly kind: 'open-dm' }) => {
  const { conversation: id, relays } = job
  const peer = (await core.store.read((tx) => getConversation(tx, id)))?.peer
  if (peer !== undefined && (await core.store.read((tx) => isBlocked(tx, peer)))) return
  try {
    return await openDm(core, rooms, id, relays)
  } catch (error) {
    if (!isDchatError(error) || error.retryable) throw error
    const { failUnsent } = await import('./later.ts')
    if (await failUnsent(core, job, error.code)) throw error
  }
}
