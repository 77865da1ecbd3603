import { placeInRoom } from '../../domain/messages/place.ts'
import { archivedAt } from '../archive.ts'
import type { Core } from '../core.ts'
import { atEach } from '../history/slots.ts'
import { askToComeBack } from '../invitations.ts'
import { putJob } from '../jobs.ts'
import type { RoomRecord } from '../records.ts'
import { askFor } from '../rooms/leave.ts'
import type { Rooms } from '../rooms/rooms.ts'

/**
 * An old copy of a store read that its person was taken out. Whether they were asked in again since, and came, is known
 * from the archive, which the device kept while it was newer: then it asks the others to let it in. A word from before the
 * removal says nothing of that; but they may have been asked in, and not have answered: the others know.
 */
export const lookAgain = async (core: Core, rooms: Rooms, room: string): Promise<void> => {
  const session = rooms.get(room)
  if (session?.record.state !== 'closed') return
  const isIn = await saysArchive(core, session.record)
  await session.lock.run(async () => {
    const { record } = session
    if (record.state !== 'closed') return
    const now = core.clock.now()
    if (!isIn)
      return core.store.write(async (tx) => {
        await putJob(tx, `archive/${room}`, { kind: 'archive', room }, now)
        await askToComeBack(tx, core, room)
      })
    const next = { ...record, state: 'rejoining', haltedAt: now } as const
    await core.store.write(async (tx) => {
      session.put(tx, { record: next })
      await putJob(tx, `ask/${room}`, askFor(session, record), now)
    })
    session.settle({ record: next })
  })
}

/** The newest word is what any home relay has: of a room that is over there is a mark. */
const saysArchive = async (core: Core, { id, term, seq }: RoomRecord): Promise<boolean> => {
  const words: boolean[] = []
  await atEach(core, async (relay) => {
    const word = await archivedAt(core, relay, id)
    if (word !== undefined && word !== 'closed')
      words.push(!word.over && word.place > placeInRoom({ kind: word.kind, term }, term, seq))
  })
  return words.length > 0 && words.every((isIn) => isIn)
}
