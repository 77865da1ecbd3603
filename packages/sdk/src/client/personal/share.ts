import type { StoreWriter } from '../../domain/store/store.ts'
import { leftOf, type Wait, waitFrom } from '../../util/time.ts'
import type { Core } from '../core.ts'
import type { JobTask } from '../records.ts'
import type { Rooms } from '../rooms/rooms.ts'
import { allRegisters, OUT, type RegisterRecord, registerKey } from './registers.ts'
import { chunksOf, putPersonal, selfRoom, toWire } from './send.ts'

/** ms between two messages that tell of drafts: they change with every key. */
const DRAFTS = 3_000
/** ms until a room that cannot be written to is looked at again. */
const LATER = 15_000
const DRAFTS_WAIT = 'personal-drafts'
const LIMIT = 4_096

/** Tells the other own devices what changed here: one message for all of it. */
export const shareRegisters = async (core: Core, rooms: Rooms): Promise<void | { readonly again: number }> => {
  const { store, clock } = core
  const room = await store.read(selfRoom)
  const session = room === undefined ? undefined : rooms.get(room)
  if (room === undefined) return
  if (!session?.isMember) return { again: LATER }
  const wait = await store.write(async (tx) => {
    const now = clock.now()
    const early = leftOf((await tx.get<Wait>('meta', DRAFTS_WAIT)) ?? waitFrom(now, 0), now)
    const rows = await tx.page<string>('personal', { scope: OUT, limit: LIMIT })
    const due = rows.filter(({ value }) => early === 0 || !isDraft(value))
    if (due.some(({ value }) => isDraft(value))) tx.put('meta', { key: DRAFTS_WAIT, value: waitFrom(now, DRAFTS) })
    const records = await Promise.all(due.map(({ value }) => tx.get<RegisterRecord>('personal', value)))
    for (const { value } of due) tx.delete('personal', registerKey(OUT, value))
    await putSets(
      tx,
      core,
      records.flatMap((record) => (record === undefined ? [] : [record])),
    )
    if (due.length < rows.length) return early
    return rows.length === LIMIT ? 0 : undefined
  })
  session.outgoing.open()
  return wait === undefined ? undefined : { again: wait }
}

const isDraft = (key: string): boolean => key.startsWith('draft/')

const putSets = async (tx: StoreWriter, core: Core, records: readonly RegisterRecord[]): Promise<void> => {
  for (const registers of chunksOf(records.map(toWire))) await putPersonal(tx, core, { type: 'set', registers })
}

/** Everything that this device holds, for those in a room that it has just come into. */
export const putEverything = async (tx: StoreWriter, core: Core): Promise<void> => {
  for (const { value } of await tx.page<string>('personal', { scope: OUT, limit: 100_000 }))
    tx.delete('personal', registerKey(OUT, value))
  await putSets(tx, core, await allRegisters(tx))
}

/** Answers a device that came in with everything that this one holds. */
export const answerAsk = async (
  core: Core,
  rooms: Rooms,
  { room, ask }: Extract<JobTask, { readonly kind: 'answer' }>,
): Promise<void> => {
  const session = rooms.get(room)
  if (!session?.isMember) return
  await core.store.write(async (tx) => {
    if ((await selfRoom(tx)) !== room) return
    const chunks = chunksOf((await allRegisters(tx)).map(toWire))
    // Nothing is an answer too: nobody else needs to give one.
    const all = chunks.length === 0 ? [[]] : chunks
    for (const [part, registers] of all.entries())
      await putPersonal(tx, core, { type: 'state', ask, part, parts: all.length, registers })
  })
  session.outgoing.open()
}
