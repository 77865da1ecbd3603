import { DchatError, isDchatError } from '../errors.ts'
import type { ConversationId } from '../records/ids.ts'
import { abortable, within } from '../util/wait.ts'
import type { ChangeOptions } from './client.ts'
import { getConversation } from './conversation-store.ts'
import type { Core } from './core.ts'
import { isSilent } from './people/silence.ts'
import { hasElsewhere } from './rooms/hubs-in.ts'
import type { Rooms } from './rooms/rooms.ts'
import type { RoomSession } from './rooms/session.ts'

const WAIT = 60_000
const AGAIN = 1_000

/** The room of a conversation. Throws `conversation/unknown`, and `conversation/not-member` where this device has none. */
export const sessionOf = async (core: Core, rooms: Rooms, id: ConversationId): Promise<RoomSession> => {
  const record = await core.store.read((tx) => getConversation(tx, id))
  if (record === undefined) throw new DchatError('conversation/unknown', { conversation: id })
  const session = record.active === undefined ? undefined : await rooms.arriving(record.active)
  if (session === undefined) throw new DchatError('conversation/not-member', { conversation: id })
  return session
}

/** The caller waits at most so long; what was begun may still come to its end. Rejects with `transport/unconfirmed`. */
export const bounded = async (
  { clock, signal }: Pick<Core, 'clock' | 'signal'>,
  options: ChangeOptions,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> => {
  const waited = options.timeout ?? WAIT
  const both = AbortSignal.any([signal, ...(options.signal === undefined ? [] : [options.signal])])
  const done = await within(clock, waited, (over) => abortable(work(over), { signal: both }), { signal: both })
  if (!done) throw new DchatError('transport/unconfirmed', { waited })
}

/** A change of a conversation by commit, as the facades offer it. Where its topic has ended, the change waits for the next one. */
export const changeConversation = async (
  core: Core,
  rooms: Rooms,
  id: ConversationId,
  options: ChangeOptions,
  work: (session: RoomSession) => Promise<void>,
): Promise<void> => {
  const session = await sessionOf(core, rooms, id)
  if (session.record.leaving) throw new DchatError('conversation/not-member', { conversation: id })
  if (await core.store.read((tx) => isSilent(tx, core, session.snapshot)))
    throw new DchatError('conversation/blocked', { conversation: id })
  const isEnded = () => session.record.state === 'voided'
  await bounded(core, options, async (signal) => {
    while (true) {
      await session.until(() => !isEnded(), { signal })
      try {
        await work(session)
        return
      } catch (error) {
        if (isDchatError(error, 'conversation/not-member') && isEnded()) continue
        // Where its hub is gone, the conversation goes on at another one before long.
        if (!isDchatError(error, 'transport/unreachable') || !hasElsewhere(session)) throw error
        await core.clock.sleep(AGAIN, { signal })
      }
    }
  })
}
