import { leavesFor, mayPass } from '../../domain/rooms/leaving.ts'
import type { ErrorCode } from '../../errors.ts'
import { encodeMovedNote } from '../../protocol/inbox/bodies.ts'
import { equalBytes, fromHex, toHex } from '../../util/bytes.ts'
import { putJob } from '../jobs.ts'
import type { RoomRecord } from '../records.ts'
import { hasElsewhere } from '../rooms/hubs-in.ts'
import { epochOf, type RoomSession } from '../rooms/session.ts'
import { faultsIn } from './fault-record.ts'

type Caught = NonNullable<RoomRecord['caught']>

/** How often in a row a room's hub was found at something at one place, since this client runs: at what does not matter. */
const found = new WeakMap<RoomSession, { readonly place: string; readonly times: number }>()

/** The hub was found at something by this device itself: sooner or later the room leaves it. `seq`: what was to be read. */
export const holdAgainst = async (
  session: RoomSession,
  code: ErrorCode,
  seq: number,
  proof: Caught['proof'],
): Promise<void> => {
  const { topic } = session.record
  const known = found.get(session)
  const place = placeOf(topic, seq)
  const times = known?.place === place ? known.times + 1 : 1
  if (mayPass(code)) found.set(session, { place, times })
  if (!leavesFor(code, times)) return
  const isLeft = await leaveHub(session, topic, { ...(mayPass(code) && { until: seq }), ...(proof && { proof }) })
  if (isLeft && proof !== undefined) await showOthers(session, proof)
}

/**
 * Whether what the hub says cannot be followed: two signatures of it contradict each other, or this device found it at
 * something at the present place, and has not read on.
 */
export const isCaughtNow = async (session: RoomSession): Promise<boolean> => {
  const { core, record } = session
  if (found.get(session)?.place === placeOf(record.topic, record.seq + 1)) return true
  const faults = await core.store.read((tx) => faultsIn(tx, record.id))
  return faults.some(
    ({ topic, code, hearsay }) =>
      !hearsay && leavesFor(code, 1) && topic !== undefined && equalBytes(topic, record.topic),
  )
}

const placeOf = (topic: Uint8Array, seq: number): string => `${toHex(topic)} ${seq}`

/** The others see for themselves, and leave from where they stand: this device may have been kept behind. */
const showOthers = async ({ core, record, group }: RoomSession, proof: readonly Uint8Array[]): Promise<void> => {
  const { id: room, topic, hub } = record
  const note = { room: fromHex(room) as Uint8Array, from: topic, topic, hub, epoch: epochOf(record), proof }
  const body = encodeMovedNote(note)
  const others = group?.members.filter(({ deviceKey }) => !core.self.isOwnDevice(deviceKey)) ?? []
  await core.store.write(async (tx) => {
    for (const { address, deviceKey } of others) {
      const task = { kind: 'post', item: 'moved', address, deviceKey, body, reference: core.crypto.random(16) } as const
      await putJob(tx, `post/caught/${room}/${toHex(deviceKey)}`, task, core.clock.now())
    }
  })
}

/**
 * The room leaves a hub that can be reached and is not to be trusted any more, as if it were gone (hubs.md). Until it goes
 * on elsewhere it is read on. False where the conversation names no other hub, or the room leaves it already.
 */
export const leaveHub = (session: RoomSession, topic: Uint8Array, why: Omit<Caught, 'at'>): Promise<boolean> =>
  session.lock.run(async () => {
    const { core, record } = session
    if (record.state !== 'open' || toHex(record.topic) !== toHex(topic) || !hasElsewhere(session)) return false
    // What was proven stays so.
    if (record.caught !== undefined && (record.caught.until === undefined || why.until !== undefined)) return false
    const now = core.clock.now()
    const next: RoomRecord = { ...record, caught: { ...why, at: record.caught?.at ?? now } }
    await core.store.write(async (tx) => {
      session.put(tx, { record: next })
      await putJob(tx, `handover/${record.id}`, { kind: 'handover', room: record.id }, now)
    })
    session.settle({ record: next })
    return true
  })

/** Why the room leaves its hub; undefined where nothing is held against it, or what was has passed. */
export const heldAgainst = (session: RoomSession): Promise<Caught | undefined> =>
  session.lock.run(async () => {
    const { core } = session
    const { caught, ...record } = session.record
    if (caught?.until === undefined || record.seq < caught.until) return caught
    await core.store.write(async (tx) => session.put(tx, { record }))
    session.settle({ record })
    return undefined
  })
