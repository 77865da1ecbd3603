import { isDchatError } from '../../errors.ts'
import { toHex } from '../../util/bytes.ts'
import type { JobOutcome } from '../jobs.ts'
import { removePeople } from './change-room.ts'
import type { Rooms } from './rooms.ts'
import type { RoomSession } from './session.ts'

/** ms until it is tried again in a room that this device is not back in. */
const LATER = 10_000

/**
 * People who were taken out by commits that a handover has undone go out again (hubs.md): whoever knows of it and may,
 * does it.
 */
export const removeAgain = async (rooms: Rooms, room: string): Promise<JobOutcome> => {
  const session = rooms.get(room)
  const { removedBefore } = session?.record ?? {}
  if (session === undefined || removedBefore === undefined || session.record.state === 'closed') return
  if (!session.isMember) return { again: LATER }
  const { members } = session.member()
  const people = members
    .filter(({ deviceKey }) => removedBefore.includes(toHex(deviceKey)))
    .map(({ address }) => address)
  try {
    await removePeople(session, [...new Set(people)])
  } catch (error) {
    if (!isDchatError(error, 'conversation/not-permitted') && !isDchatError(error, 'conversation/not-member'))
      throw error
  }
  await forget(session)
}

const forget = (session: RoomSession): Promise<void> =>
  session.lock.run(async () => {
    const { removedBefore: _, ...record } = session.record
    await session.core.store.write(async (tx) => session.put(tx, { record }))
    session.settle({ record })
  })
