import { isDchatError } from '../errors.ts'
import {
  ARCHIVED_PEOPLE,
  type ArchivedRoom,
  archiveSlot,
  openArchivedRoom,
  sealArchivedRoom,
} from '../protocol/inbox/archive.ts'
import type { Address, RelayUrl } from '../records/ids.ts'
import { fromHex, toHex } from '../util/bytes.ts'
import { dmWith, groupOf, putConversation } from './conversation-store.ts'
import type { Core } from './core.ts'
import { putJob } from './jobs.ts'
import { proveDevice } from './prove-device.ts'
import type { RoomRecord } from './records.ts'
import { othersToAsk } from './rooms/people.ts'
import { getControl } from './rooms/session.ts'

const PAGE = 64
const OPTIONS = { timeout: 30_000 }

/** Keeps what a device with nothing but the phrase must know of a room, sealed, at every home relay. */
export const archiveRoom = async (core: Core, id: string): Promise<void> => {
  const { self, crypto, directory, links, signal, store } = core
  const { archiveKey } = self.log
  const { record, control } = await store.read(async (tx) => ({
    record: await tx.get<RoomRecord>('rooms', id),
    control: await getControl(tx, id),
  }))
  if (record === undefined || control === undefined || archiveKey === undefined) return
  const { snapshot } = control
  const room = fromHex(id) as Uint8Array
  const people = othersToAsk(snapshot, self.address).slice(0, ARCHIVED_PEOPLE)
  const entry: ArchivedRoom = {
    room,
    topic: record.topic,
    hub: record.hub,
    suite: record.suite,
    kind: snapshot.kind,
    name: snapshot.name,
    people,
    relays: [...new Set(people.flatMap((address) => directory.relaysOf(address)))].slice(0, 8),
    // Kept as a mark: a slot cannot be taken back, and a device that comes later must not ask to be let in.
    over: snapshot.kind === 'group' && (record.state === 'closed' || record.leaving === true),
  }
  const body = await sealArchivedRoom(crypto, archiveKey, entry)
  const slot = archiveSlot(self.address, room)
  const device = self.record.deviceKey
  for (const relay of self.relays) {
    await proveDevice(core, relay, { signal })
    await links.get(relay).request('archive.put', { device, address: self.address, slot, body }, { ...OPTIONS, signal })
  }
}

/** After a restore from the phrase: learns the conversations and asks to be let in again, then forgets the secret. */
export const readArchive = async (core: Core): Promise<void> => {
  const { archiveSeed } = core.self.record
  if (archiveSeed === undefined) return
  for (const relay of core.self.relays) {
    for await (const body of archiveSlots(core, relay)) {
      try {
        await takeArchived(core, await openArchivedRoom(core.crypto, archiveSeed, body))
      } catch (error) {
        if (!isDchatError(error)) throw error
        core.log.warn('archive entry dropped', { code: error.code })
      }
    }
  }
  await core.self.dropArchiveSeed()
}

async function* archiveSlots(core: Core, relay: RelayUrl): AsyncGenerator<Uint8Array> {
  const device = core.self.record.deviceKey
  const { address } = core.self
  await proveDevice(core, relay, { signal: core.signal })
  let after: Uint8Array | undefined
  while (true) {
    const { slots } = await core.links
      .get(relay)
      .request(
        'archive.list',
        { device, address, limit: PAGE, ...(after === undefined ? {} : { after }) },
        { ...OPTIONS, signal: core.signal },
      )
    for (const { body } of slots) yield body
    const last = slots[slots.length - 1]
    if (last === undefined || slots.length < PAGE) return
    after = last.slot
  }
}

const takeArchived = (core: Core, entry: ArchivedRoom): Promise<void> =>
  core.store.write(async (tx) => {
    if (entry.over) return
    const room = toHex(entry.room)
    const now = core.clock.now()
    const known =
      entry.kind === 'dm'
        ? await dmWith(tx, core.self.address, entry.people[0] as Address, now)
        : await groupOf(tx, room, entry.name, now)
    if (known.rooms.includes(room)) return
    await putConversation(tx, {
      ...known,
      rooms: [...known.rooms, room],
      active: known.active ?? room,
      restoring: true,
    })
    await putJob(
      tx,
      `ask/${room}`,
      {
        kind: 'ask',
        room,
        topic: entry.topic,
        suite: entry.suite,
        people: [core.self.address, ...entry.people],
        relays: [...new Set([entry.hub.url, ...entry.relays])],
      },
      core.clock.now(),
    )
  })
