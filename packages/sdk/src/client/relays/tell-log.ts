import { equalBytes } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import { putControlIntent } from '../intents.ts'
import { isSilent } from '../people/silence.ts'
import type { Rooms } from '../rooms/rooms.ts'

/**
 * A word in every conversation, that of the own devices too, whose people have not seen the newest own log: each entry carries it where it is new, so they
 * find this person's relays without any of the old ones.
 */
export const tellLog = async (core: Core, rooms: Rooms): Promise<void> => {
  const { store, self } = core
  for (const session of rooms.all()) {
    if (!session.isMember || session.record.leaving || session.snapshot.kind === 'channel') continue
    await store.write(async (tx) => {
      const { logCarried } = session.record
      if (logCarried !== undefined && equalBytes(logCarried, self.log.head)) return
      if (!(await isSilent(tx, core, session.snapshot)))
        await putControlIntent(tx, core, session.id, { kind: 'accept' })
    })
    session.outgoing.open()
  }
}
