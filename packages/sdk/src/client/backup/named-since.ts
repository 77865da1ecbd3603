import { isDchatError } from '../../errors.ts'
import type { ArchivedRoom } from '../../protocol/inbox/archive.ts'
import { archivedAt } from '../archive.ts'
import type { Core } from '../core.ts'
import { atEach } from '../history/slots.ts'

/**
 * Whom the archive names in a room, and where they were found. An old copy of a store knows those who were there in its
 * time; who came since may be all who are left to ask (backup.md). A relay that does not answer names nobody.
 */
export const namedSince = async (core: Core, room: string): Promise<Pick<ArchivedRoom, 'people' | 'relays'>> => {
  const words: ArchivedRoom[] = []
  try {
    await atEach(core, async (relay) => {
      const word = await archivedAt(core, relay, room)
      if (word !== undefined && word !== 'closed') words.push(word)
    })
  } catch (error) {
    core.signal.throwIfAborted()
    if (!isDchatError(error)) throw error
    core.log.debug('archive not read', { code: error.code })
  }
  const newest = words.sort((a, b) => b.place - a.place)
  return { people: newest.flatMap(({ people }) => people), relays: newest.flatMap(({ relays }) => relays) }
}
