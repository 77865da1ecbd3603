import type { StoreWriter } from '../../domain/store/store.ts'
import { DchatError, isDchatError } from '../../errors.ts'
import { openArchiveKey } from '../../protocol/history/archive-key.ts'
import { activeDevices } from '../../protocol/identity/log.ts'
import { type ArchivedRoom, BEFORE_IT_OPENED, decodeArchivedRoom } from '../../protocol/inbox/archive.ts'
import type { Address, RelayUrl } from '../../records/ids.ts'
import { toHex } from '../../util/bytes.ts'
import { isReserved } from '../backup/reserved.ts'
import { dmWith, groupId, groupOf, putConversation } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import { putJob } from '../jobs.ts'
import type { JobRecord, RoomRecord } from '../records.ts'
import { addArchiveKeys, RESTORE } from './archive-keys.ts'
import { readAsked } from './keep-asked.ts'
import { readRegisters } from './keep-registers.ts'
import { beginReading } from './progress.ts'
import { openSlot } from './records.ts'
import { atEach, slotsOfKind } from './slots.ts'

/** ms in which a hub must say whether it knows a topic. */
const TIMEOUT = 15_000

/** archive/restore: home relays whose archive was read. */
interface RestoreRecord {
  readonly done: readonly RelayUrl[]
}

/**
 * What a device that is new, by its phrase or by being linked, reads of the archive: the keys, as far as the phrase opens
 * them, and the conversations. It asks to be let in there; what was said follows by itself (archive.md).
 */
export const readArchive = async (core: Core): Promise<void> => {
  const { store, self, events } = core
  // A device that is new gets the keys, or has got them: what does not open for it was made up.
  const isNew = self.record.linked === true || self.record.archiveSeed !== undefined
  let closed: DchatError | undefined
  const { done } = (await store.read((tx) => tx.get<RestoreRecord>('archive', RESTORE))) ?? { done: [] }
  const read = new Set(done)
  await atEach(core, async (relay) => {
    if (read.has(relay)) return
    await readKeys(core, relay)
    await readRegisters(core, relay, (work) => orDrop(core, work))
    const rooms: ArchivedRoom[] = []
    for await (const { slot, body } of slotsOfKind(core, relay, 'room'))
      closed ??= await orDrop(core, async () => {
        const room = decodeArchivedRoom(await openSlot(core, slot, body))
        rooms.push(room)
        await takeArchived(core, room)
      })
    await readAsked(core, relay, rooms, (work) => orDrop(core, work))
    read.add(relay)
    await store.write(async (tx) => {
      tx.put('archive', { key: RESTORE, value: { done: [...read] } satisfies RestoreRecord })
      await beginReading(tx, core.clock.now(), isAlone(core))
    })
  })
  await self.dropArchiveSeed()
  if (isNew || closed === undefined) return
  const { code, message } = new DchatError('backup/older-than-archive', {}, { cause: closed })
  events.emit({ type: 'problem', code, message })
}

/** No other device of this person is left. */
export const isAlone = ({ self, directory }: Core): boolean =>
  activeDevices(directory.peek(self.address) ?? self.log).length < 2

/** The phrase opens the keys once; it is not kept for longer than that. */
const readKeys = async (core: Core, relay: RelayUrl): Promise<void> => {
  const { archiveSeed } = core.self.record
  if (archiveSeed === undefined) return
  for await (const { body } of slotsOfKind(core, relay, 'key'))
    await orDrop(core, async () => {
      const key = await openArchiveKey(core.crypto, archiveSeed, body)
      await core.store.write((tx) => addArchiveKeys(tx, [key]))
    })
}

/**
 * What does not open (a key that is still to come, or what a relay made up) does not hold up the rest. Resolves to why it did
 * not, where no key here opens it.
 */
const orDrop = async (core: Core, work: () => Promise<unknown>): Promise<DchatError | undefined> => {
  try {
    await work()
  } catch (error) {
    const isClosed = isDchatError(error, 'crypto/cannot-decrypt')
    if (!isDchatError(error) || (error.retryable && !isClosed)) throw error
    core.log.warn('archive entry dropped', { code: error.code })
    if (isClosed) return error
  }
  return undefined
}

const takeArchived = async (core: Core, entry: ArchivedRoom): Promise<void> => {
  if (entry.over || (entry.place === BEFORE_IT_OPENED && !(await mayBeOpen(core, entry)))) return
  const room = toHex(entry.room)
  await core.store.write(async (tx) => {
    if ((await tx.get<RoomRecord>('rooms', room)) !== undefined) return
    // The room of the own devices is no conversation.
    if (entry.kind !== 'self' && !(await show(tx, core, entry))) return
    await putJob(
      tx,
      `ask/${room}`,
      {
        kind: 'ask',
        room,
        topic: entry.topic,
        suite: entry.suite,
        people: [...new Set([core.self.address, ...entry.people, ...(await wishedFor(tx, room))])],
        relays: [...new Set([entry.hub.url, ...entry.relays])],
      },
      core.clock.now(),
    )
  })
}

/**
 * Whether a room that was about to be opened was opened: its hub tells. If it does not know the topic, nobody was ever told of
 * the room. Where it tells nothing, a copy of the store that has the name must not open a second room of it.
 */
const mayBeOpen = async ({ store, links, signal }: Core, { room, topic, hub }: ArchivedRoom): Promise<boolean> => {
  try {
    await links.get(hub.url).request('topic.head', { topic }, { signal, timeout: TIMEOUT })
    return true
  } catch (error) {
    signal.throwIfAborted()
    if (!isDchatError(error)) throw error
    // It tells more to those alone who have a key.
    if (error.code === 'relay/not-permitted') return true
    return error.code !== 'relay/unknown-topic' && store.read((tx) => isReserved(tx, toHex(room)))
  }
}

/** Whom a copy of the store was to ask into a room that it has the name of: they may be in, whatever the archive knows of it. */
const wishedFor = async (tx: StoreWriter, room: string): Promise<readonly Address[]> => {
  const job = await tx.get<JobRecord>('jobs', `open/${groupId(room)}`)
  return job?.kind === 'open-group' ? job.people : []
}

/** The conversation, waiting to be let in; false if it is there already. */
const show = async (tx: StoreWriter, core: Core, { kind, room: id, name, people }: ArchivedRoom): Promise<boolean> => {
  const room = toHex(id)
  const now = core.clock.now()
  const known =
    kind === 'dm' ? await dmWith(tx, core.self.address, people[0] as Address, now) : await groupOf(tx, room, name, now)
  if (known.rooms.includes(room) && known.restoring) return false
  const active = known.active ?? room
  await putConversation(tx, { ...known, rooms: [...known.rooms, room], active, restoring: true })
  return true
}
