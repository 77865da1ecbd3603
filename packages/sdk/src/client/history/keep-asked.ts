import { placeParts } from '../../domain/messages/place.ts'
import { newestKey } from '../../protocol/history/archive-key.ts'
import { type Asked, decodeAsked, encodeAsked } from '../../protocol/history/asked.ts'
import { slotOf } from '../../protocol/history/slots.ts'
import type { ArchivedRoom } from '../../protocol/inbox/archive.ts'
import { decodeWelcomePointer } from '../../protocol/inbox/bodies.ts'
import { hashOf } from '../../protocol/wire/cbor.ts'
import type { RelayUrl } from '../../records/ids.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import { addJob } from '../jobs.ts'
import { checkPointer } from '../people/pointer.ts'
import { waitingPointers } from '../people/requests.ts'
import { archiveKeys } from './archive-keys.ts'
import { keepRecord, openSlot } from './records.ts'
import { atEach, putSlot, slotsOfKind } from './slots.ts'

/** archive/asked: a mark of what each home relay holds. */
type KeptAsked = Readonly<Record<RelayUrl, string>>

const KEPT = 'asked'
const NOTHING = new Uint8Array()

/**
 * Keeps the pointers that wait for an answer. The inbox gave them up once they were here: with this store they would be
 * lost, and nobody would ask again (archive.md).
 */
export const keepAsked = async (core: Core): Promise<void> => {
  const { store, self } = core
  const { kept, waiting, key } = await store.read(async (tx) => ({
    kept: (await tx.get<KeptAsked>('archive', KEPT)) ?? {},
    waiting: await waitingPointers(tx),
    key: newestKey(await archiveKeys(tx))?.id ?? NOTHING,
  }))
  const encoded = encodeAsked(waiting)
  const mark = waiting.length === 0 ? '' : toHex(hashOf('archive-asked', [key, encoded]).subarray(0, 8))
  if (self.relays.every((relay) => (kept[relay] ?? '') === mark)) return
  const slot = slotOf('asked', self.address, self.device)
  await atEach(core, async (relay) => {
    if ((kept[relay] ?? '') === mark) return
    await (waiting.length === 0 ? putSlot(core, relay, slot, NOTHING) : keepRecord(core, relay, slot, encoded))
    await store.write(async (tx) => {
      const now = (await tx.get<KeptAsked>('archive', KEPT)) ?? {}
      tx.put('archive', { key: KEPT, value: { ...now, [relay]: mark } satisfies KeptAsked })
    })
  })
}

/** Takes up what waited on any own device: it is looked at like a pointer from the inbox. `rooms`: what the archive tells of them. */
export const readAsked = async (
  core: Core,
  relay: RelayUrl,
  rooms: readonly ArchivedRoom[],
  orDrop: (work: () => Promise<unknown>) => Promise<unknown>,
): Promise<void> => {
  for await (const { slot, body } of slotsOfKind(core, relay, 'asked'))
    await orDrop(async () => {
      for (const asked of decodeAsked(await openSlot(core, slot, body))) await orDrop(() => take(core, asked, rooms))
    })
}

const take = async (
  { store, clock }: Core,
  { from, pointer }: Asked,
  rooms: readonly ArchivedRoom[],
): Promise<void> => {
  checkPointer(pointer)
  const { room, topic, seq, suite } = decodeWelcomePointer(pointer)
  const known = rooms.find((each) => equalBytes(each.room, room) && each.suite === suite)
  // It was answered since.
  if (known !== undefined && (!known.over || (equalBytes(known.topic, topic) && seq <= placeParts(known.place).seq)))
    return
  const key = `join/asked/${toHex(hashOf('archive-asked', [from, pointer]).subarray(0, 16))}`
  await addJob(store, key, { kind: 'join', from, pointer }, clock.now())
}
