import { MAY_LACK } from '../../domain/rooms/leaving.ts'
import { type DchatError, isDchatError } from '../../errors.ts'
import type { Entry } from '../../protocol/wire/methods.ts'
import { equalBytes } from '../../util/bytes.ts'
import { leaveHub } from '../faults/leave-hub.ts'
import type { RoomSession } from './session.ts'
import { type Opening, TAIL, tailKey } from './tail.ts'

const TIMEOUT = 30_000
/** Entries and bytes of one request. */
const BATCH = 64
const BATCH_BYTES = 512 * 1024

/**
 * Gives a room's hub back what it has lost: it was restored from a copy that is older than what this device has read. Does
 * nothing where the hub lacks nothing. Throws `relay/lost-entries` if this device does not hold all that is missing,
 * `relay/unknown-topic` likewise, and `relay/conflict` if the hub has given the places away.
 */
export const giveBack = async (session: RoomSession): Promise<void> => {
  const { core, record } = session
  const { topic } = record
  const { entries, opening } = await heldOf(session)
  const newest = entries[entries.length - 1]
  if (newest === undefined) return
  const put = async (some: readonly Entry[], create?: Opening): Promise<number> => {
    const { seq } = await core.links
      .get(record.hub.url)
      .request(
        'topic.restore',
        { topic, entries: some, ...(create && { create }) },
        { signal: core.signal, timeout: TIMEOUT },
      )
    return seq
  }
  let held: number
  try {
    // The newest one alone asks how far the hub has come.
    held = await put([newest])
  } catch (error) {
    if (isDchatError(error, 'relay/lost-entries')) held = error.details.seq
    else if (isDchatError(error, 'relay/unknown-topic') && opening !== undefined) held = 0
    else throw error
  }
  const missing = entries.filter(({ receipt }) => receipt.seq > held)
  if (missing.length > 0) core.events.emit({ type: 'relay-fault', relay: record.hub.url, code: 'relay/lost-entries' })
  for (let at = 0; at < missing.length; ) {
    const some = batchOf(missing, at)
    held = await put(some, held === 0 ? opening : undefined)
    at += some.length
  }
}

/** What is kept of the room's present topic, without a gap up to its newest entry. */
const heldOf = ({ core, record }: RoomSession): Promise<{ entries: readonly Entry[]; opening: Opening | undefined }> =>
  core.store.read(async (tx) => {
    const entries: Entry[] = []
    for (let { seq } = record; seq > 0 && seq > record.seq - TAIL; seq--) {
      const entry = await tx.get<Entry>('tail', tailKey(record.id, seq % TAIL))
      if (entry?.receipt.seq !== seq || !equalBytes(entry.receipt.topic, record.topic)) break
      entries.unshift(entry)
    }
    return { entries, opening: await tx.get<Opening>('tail', tailKey(record.id, 'first')) }
  })

const batchOf = (entries: readonly Entry[], from: number): readonly Entry[] => {
  let bytes = 0
  let end = from
  for (; end < entries.length && end - from < BATCH; end++) {
    bytes += entries[end]?.body?.length ?? 0
    if (end > from && bytes > BATCH_BYTES) break
  }
  return entries.slice(from, end)
}

/** Codes with which a hub shows that it may have lost something. */
const SIGNS: readonly string[] = ['relay/lost-entries', 'relay/unknown-topic', 'relay/not-permitted']

/** When a room's hub was looked at last (ms). */
const looked = new WeakMap<RoomSession, number>()

/** ms between two looks at a hub that has not lost anything, or gets it back from others. */
const AGAIN = 30_000

/** Since when (ms) a room's hub has lacked something without a break, and when that was seen last. */
const lacks = new WeakMap<RoomSession, { readonly since: number; readonly last: number }>()

/** It was not given back in time by anybody: the room goes on elsewhere. */
const leaveInTime = async (session: RoomSession, now: number): Promise<void> => {
  const known = lacks.get(session)
  const isSame = known !== undefined && now >= known.last && now - known.last < 2 * AGAIN
  const since = isSame ? known.since : now
  lacks.set(session, { since, last: now })
  if (now - since >= MAY_LACK) await leaveHub(session, session.record.topic, {})
}

/**
 * Called when reading has ended with an error: if the hub has lost entries, it gets them back. What this device cannot
 * give is shown, and tried again later: another one may hold more. A hub that still lacks them then is left.
 */
export const healHub = async (session: RoomSession, reason: DchatError): Promise<void> => {
  const { core } = session
  const now = core.clock.now()
  if (!SIGNS.includes(reason.code)) return
  await leaveInTime(session, now)
  if (now - (looked.get(session) ?? Number.NEGATIVE_INFINITY) < AGAIN) return
  looked.set(session, now)
  try {
    await giveBack(session)
    looked.delete(session)
  } catch (error) {
    core.signal.throwIfAborted()
    if (!isDchatError(error)) throw error
    if (isDchatError(error, 'relay/conflict')) {
      core.events.emit({ type: 'relay-fault', relay: session.record.hub.url, code: 'relay/equivocation' })
      await leaveHub(session, session.record.topic, {})
    }
    core.log.info('hub not healed', { code: error.code })
  }
}
