import { DchatError, isDchatError } from '../errors.ts'
import type { Abortable } from '../util/abort.ts'
import { abortable, firstOf } from '../util/wait.ts'
import type { Core } from './core.ts'
import type { Inbox } from './inbox.ts'
import type { JobRunner } from './jobs.ts'
import { hurrySharing } from './personal/registers.ts'
import type { Rooms } from './rooms/rooms.ts'
import type { RoomSession } from './rooms/session.ts'

const TIMEOUT = 60_000
/** ms that it waits for a first home relay; it does not wait so long for those that do not answer beside it. */
const HOME_PATIENCE = 5_000
/** What one round finds can make another one necessary: a Welcome opens a room, a room asks for a commit. */
const ROUNDS = 8

/**
 * Resolves when everything that the relays hold now is stored here, and what was queued is sent or has failed.
 * Inboxes come first: a device that asked to be let in is in before the next message goes out.
 */
export const syncAll = async (
  core: Core,
  rooms: Rooms,
  inboxes: readonly Inbox[],
  jobs: JobRunner,
  options: Abortable & { timeout?: number },
): Promise<void> => {
  const waited = options.timeout ?? TIMEOUT
  const over = new AbortController()
  const signal = AbortSignal.any([core.signal, over.signal, ...(options.signal === undefined ? [] : [options.signal])])
  core.clock.sleep(waited, { signal }).then(
    () => over.abort(new DchatError('transport/unconfirmed', { waited })),
    () => undefined,
  )
  try {
    await hurrySharing(core)
    await firstOf(inboxes.map(({ relay }) => core.links.get(relay).ready({ signal, timeout: HOME_PATIENCE })))
    for (let round = 0; round < ROUNDS; round++) {
      await some(inboxes.map((inbox) => read(core, inbox, signal)))
      await abortable(jobs.runDue(), { signal })
      // A signal for each room: platforms warn about one that very many listen to.
      const each = rooms.all().map((session) => caughtUp(core, rooms, session, AbortSignal.any([signal])))
      await Promise.allSettled(each)
      signal.throwIfAborted()
      if (!(await jobs.hasDue())) break
    }
    core.sending.open()
    await rooms.flushed({ signal })
  } finally {
    core.sending.open()
    over.abort()
  }
}

/** A home relay that does not answer does not hold up what the others have. */
const read = async ({ links }: Core, inbox: Inbox, signal: AbortSignal): Promise<void> => {
  await links.reach(inbox.relay, { signal })
  await inbox.catchUp({ signal })
}

/** A hub that does not answer does not keep what the others hold from being read: its room catches up when it comes back. */
const caughtUp = async ({ links }: Core, rooms: Rooms, session: RoomSession, signal: AbortSignal): Promise<void> => {
  if (session.record.state !== 'open') return
  await links.reach(session.record.hub.url, { signal })
  await rooms.catchUp(session, { signal })
}

/** One relay that answers is enough; with none, the first reason is thrown. */
const some = async (attempts: readonly Promise<void>[]): Promise<void> => {
  const results = await Promise.allSettled(attempts)
  if (results.length === 0 || results.some(({ status }) => status === 'fulfilled')) return
  const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
  throw reasons.find((reason) => isDchatError(reason)) ?? reasons[0]
}
