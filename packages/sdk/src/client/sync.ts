import { DchatError, isDchatError } from '../errors.ts'
import type { Abortable } from '../util/abort.ts'
import { firstOf } from '../util/wait.ts'
import type { Core } from './core.ts'
import type { Inbox } from './inbox.ts'
import type { JobRunner } from './jobs.ts'
import { hurrySharing } from './personal/registers.ts'
import type { Rooms } from './rooms/rooms.ts'
import type { RoomSession } from './rooms/session.ts'
import { SilentRelays, unreachable } from './silent-relays.ts'

const TIMEOUT = 60_000
/** ms that it waits for a first home relay; it does not wait so long for those that do not answer beside it. */
const HOME_PATIENCE = 5_000
/** What one round finds can make another one necessary: a Welcome opens a room, a room asks for a commit. */
const ROUNDS = 8

/** Rounds, with the present one, when a relay was found to be silent: the others may have brought something. */
const LAST_ROUNDS = 2

/**
 * Resolves when everything that the relays hold now is stored here, and what was queued is sent or has failed.
 * Inboxes come first: a device that asked to be let in is in before the next message goes out. Where a relay takes the
 * connection and says nothing, or went away before it took what was queued, it ends with what the others have, within half a
 * minute, and resolves to a `transport/unreachable` that names that relay.
 */
export const syncAll = async (
  core: Core,
  rooms: Rooms,
  inboxes: readonly Inbox[],
  jobs: JobRunner,
  options: Abortable & { timeout?: number },
): Promise<DchatError | undefined> => {
  const waited = options.timeout ?? TIMEOUT
  const over = new AbortController()
  const signal = AbortSignal.any([core.signal, over.signal, ...(options.signal === undefined ? [] : [options.signal])])
  core.clock.sleep(waited, { signal }).then(
    () => over.abort(new DchatError('transport/unconfirmed', { waited })),
    () => undefined,
  )
  const silent = new SilentRelays(core, signal)
  try {
    await hurrySharing(core)
    await firstOf(inboxes.map(({ relay }) => core.links.get(relay).ready({ signal, timeout: HOME_PATIENCE })))
    for (let round = 0, left = ROUNDS; round < left; round++) {
      await some(inboxes.map((inbox) => read(core, inbox, silent.signalOf(inbox.relay))))
      await silent.rest(jobs.runDue())
      // A signal for each room: platforms warn about one that very many listen to.
      const signalOf = ({ record }: RoomSession) => silent.signalOf(record.hub.url)
      await Promise.allSettled(rooms.all().map((session) => caughtUp(core, rooms, session, signalOf(session))))
      signal.throwIfAborted()
      if (silent.first !== undefined) left = Math.min(left, round + LAST_ROUNDS)
      if (!(await jobs.hasDue())) break
    }
    core.sending.open()
    const [full] = await rooms.flushed((relay) => silent.signalOf(relay))
    signal.throwIfAborted()
    return silent.first ?? (full && unreachable(full, 'it does not take what is queued'))
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
