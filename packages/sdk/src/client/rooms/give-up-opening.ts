import { placesToGo } from '../../domain/rooms/handover.ts'
import type { Hub } from '../../protocol/topic/hub.ts'
import { haltedFor } from './halted.ts'
import { hubsIn } from './hubs-in.ts'
import { withoutCommits } from './move-room.ts'
import { redoLater } from './note-changes.ts'
import { findInOldList } from './old-list.ts'
import type { Rooms } from './rooms.ts'
import { dropPendingGroup, type RoomSession } from './session.ts'

/** ms after which a device goes back to a hub that answers again, where no other one does. */
const PATIENCE = 60_000

/**
 * The relays where it was to go on are gone as well, and the hub is back: unless somebody has gone on from its topic, the room
 * stays there (hubs.md). True if it does.
 */
export const giveUpOpening = async (session: RoomSession, rooms: Rooms): Promise<boolean> => {
  const { core, record } = session
  const { moving, caught, hub } = record
  const isGone = ({ url }: Hub): boolean => core.links.downFor(url) > 0
  if (moving?.opening === undefined || moving.at !== undefined || moving.ended || caught !== undefined) return false
  if (isGone(hub) || !placesToGo(hubsIn(session), hub).every(isGone)) return false
  if ((await haltedFor(session)) < PATIENCE || typeof (await findInOldList(session)) === 'object') return false
  const isBack = await session.lock.run(async () => {
    if (session.record.moving?.opening === undefined) return false
    const next = withoutCommits(session.record)
    await core.store.write(async (tx) => {
      session.put(tx, { record: next })
      dropPendingGroup(tx, next.id)
      await redoLater(tx, core, next)
    })
    session.pendingGroup = undefined
    session.caughtUp.shut()
    session.settle({ record: next })
    return true
  })
  if (isBack) rooms.restart(session)
  return isBack
}
