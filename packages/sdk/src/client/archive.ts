import { placeInRoom } from '../domain/messages/place.ts'
import { isDchatError } from '../errors.ts'
import { slotOf } from '../protocol/history/slots.ts'
import { type ArchivedRoom, decodeArchivedRoom, encodeArchivedRoom } from '../protocol/inbox/archive.ts'
import { ARCHIVED_PEOPLE } from '../protocol/wire/limits.ts'
import type { RelayUrl } from '../records/ids.ts'
import { fromHex } from '../util/bytes.ts'
import type { Core } from './core.ts'
import { keepRecord, openSlot } from './history/records.ts'
import { atEach, getSlot } from './history/slots.ts'
import type { JobOutcome } from './jobs.ts'
import type { RoomRecord } from './records.ts'
import { othersToAsk } from './rooms/people.ts'
import { getControl } from './rooms/session.ts'

/** ms after which a home relay that was away is tried again. */
const AWAY = 30 * 60_000

/** Keeps what a device that comes later must know of a room, sealed, at every home relay. */
export const archiveRoom = async (core: Core, id: string): Promise<JobOutcome> => {
  const { self, directory, store } = core
  const { record, control } = await store.read(async (tx) => ({
    record: await tx.get<RoomRecord>('rooms', id),
    control: await getControl(tx, id),
  }))
  // Without a key in the log nobody could open it who holds nothing but the phrase: a restored log has one before long.
  if (record === undefined || control === undefined || self.log.archiveKey === undefined) return
  const { snapshot } = control
  // Whoever is let into the group is let into its channels.
  if (snapshot.kind === 'channel') return
  const people = othersToAsk(snapshot, self.address).slice(0, ARCHIVED_PEOPLE)
  const entry: ArchivedRoom = {
    room: fromHex(id) as Uint8Array,
    topic: record.topic,
    hub: record.hub,
    suite: record.suite,
    kind: snapshot.kind,
    name: snapshot.name,
    people,
    relays: [...new Set(people.flatMap((address) => directory.relaysOf(address)))].slice(0, 8),
    // Kept as a mark: a device that comes later must not ask to be let in, and still reads what was said.
    over: snapshot.kind !== 'dm' && (record.state === 'closed' || record.leaving === true),
    place: placeInRoom(snapshot, record.term, record.seq),
  }
  let kept = 0
  const writing = atEach(core, async (relay) => {
    // An old copy of a store reads what may be long past: what is told from further on stays.
    const known = record.stale ? await archivedAt(core, relay, id) : undefined
    if (known === undefined || known.place <= entry.place)
      await keepRecord(core, relay, roomSlot(core, id), encodeArchivedRoom(entry))
    kept += 1
  })
  try {
    await writing
  } catch (error) {
    // Who reads the archive asks every home relay: one that is away gets it when it is back.
    if (kept > 0 && isDchatError(error, 'transport/unreachable')) return { again: AWAY }
    throw error
  }
}

const roomSlot = ({ self }: Pick<Core, 'self'>, id: string): Uint8Array =>
  slotOf('room', self.address, fromHex(id) as Uint8Array)

/** What one home relay has of a room. Throws `crypto/cannot-decrypt`, `protocol/malformed` and the link's errors. */
export const archivedAt = async (core: Core, relay: RelayUrl, id: string): Promise<ArchivedRoom | undefined> => {
  const slot = roomSlot(core, id)
  const body = await getSlot(core, relay, slot)
  return body === null || body.length === 0 ? undefined : decodeArchivedRoom(await openSlot(core, slot, body))
}
